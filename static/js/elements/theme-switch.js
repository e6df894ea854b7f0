/** Switches between dark and light, and remembers it in this browser. */
class ThemeSwitch extends HTMLElement {
  connectedCallback() {
    this.hidden = false
    this.addEventListener("click", () => {
      const root = document.documentElement
      if (root.dataset.theme === "light") {
        delete root.dataset.theme
        localStorage.removeItem("theme")
      } else {
        localStorage.setItem("theme", (root.dataset.theme = "light"))
      }
    })
  }
}
customElements.define("theme-switch", ThemeSwitch)
