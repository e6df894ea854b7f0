const KEPT = "code-language"

/** An example in several languages: what is chosen in one is chosen in all, and remembered. */
class CodeExample extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("button")
    button.hidden = !navigator.clipboard
    button.addEventListener("click", () => this.#copy(button))
    this.addEventListener("change", (event) => {
      localStorage.setItem(KEPT, event.target.value)
      const top = this.getBoundingClientRect().top
      for (const example of document.querySelectorAll("code-example")) example.choose(event.target.value)
      scrollBy({ top: this.getBoundingClientRect().top - top, behavior: "instant" })  // examples above grew or shrank
    })
    const chosen = localStorage.getItem(KEPT)
    if (chosen) this.choose(chosen)
  }

  choose(language) {
    const choice = this.querySelector(`input[value="${CSS.escape(language)}"]`)
    if (choice) choice.checked = true
  }

  async #copy(button) {
    const language = this.querySelector("input:checked").value
    await navigator.clipboard.writeText(this.querySelector(`pre[data-language="${language}"]`).textContent)
    button.toggleAttribute("data-copied", true)
    setTimeout(() => button.removeAttribute("data-copied"), 2_000)
  }
}
customElements.define("code-example", CodeExample)
