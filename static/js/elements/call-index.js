/** Finds calls as one types; “/” begins, Escape ends, Enter goes to the first. On a phone the list folds away. */
class CallIndex extends HTMLElement {
  #ended = new AbortController()

  connectedCallback() {
    const { signal } = this.#ended
    const fold = this.querySelector("details")
    const search = this.querySelector("input")
    search.parentElement.hidden = false
    const narrow = matchMedia("(width < 900px)")
    fold.open = !narrow.matches
    narrow.addEventListener("change", () => { fold.open = !narrow.matches }, { signal })
    search.addEventListener("input", () => this.#find(search.value), { signal })
    search.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        search.value = ""
        this.#find("")
        search.blur()
      } else if (event.key === "Enter") {
        this.querySelector("[data-call]:not([hidden]) a")?.click()
      }
    }, { signal })
    document.addEventListener("keydown", (event) => {
      const writing = event.target.closest?.("input, textarea, select, [contenteditable]")
      if (event.key !== "/" || writing || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      fold.open = true
      search.focus()
    }, { signal })
    this.addEventListener("click", (event) => {
      if (narrow.matches && event.target.closest("a")) fold.open = false
    }, { signal })
  }

  disconnectedCallback() { this.#ended.abort() }

  #find(words) {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
    let found = 0
    for (const room of this.querySelectorAll("[data-room]")) {
      const calls = [...room.querySelectorAll("[data-call]")]
      for (const call of calls) call.hidden = !wanted.every((word) => call.dataset.call.includes(word))
      room.hidden = calls.every((call) => call.hidden)
      found += calls.filter((call) => !call.hidden).length
    }
    this.querySelector(".reference__none").hidden = found > 0
  }
}
customElements.define("call-index", CallIndex)
