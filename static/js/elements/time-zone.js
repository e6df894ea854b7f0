/**
 * Beside the choice of a time zone, offers the one this browser is in; `data-words` stands before its name;
 * `data-studio` is the zone of who chooses none.
 */
class TimeZone extends HTMLElement {
  connectedCallback() {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone
    const choice = this.querySelector("select")
    if (!here || choice.value === here || (!choice.value && this.dataset.studio === here) || ![...choice.options].some((option) => option.value === here)) return
    const button = document.createElement("button")
    button.type = "button"
    button.className = "button button--small"
    button.textContent = `${this.dataset.words} ${here.replaceAll("_", " ")}`
    button.addEventListener("click", () => {
      choice.value = here
      button.remove()
      choice.focus()
    })
    this.append(button)
  }
}
customElements.define("time-zone", TimeZone)
