/**
 * Works the tiles inside it: a take plays under the pointer and under the focus, or all of them at once. Arrows move,
 * Enter chooses, 1 to 5 rate, C compares, Space plays all.
 */
class ContactSheet extends HTMLElement {
  #last                       // id of the button that had the focus: it comes anew with every choice and rating

  connectedCallback() {
    for (const part of this.querySelectorAll("[data-tools]")) part.hidden = false
    this.addEventListener("pointerover", ({ target, relatedTarget }) => this.#enter(target, relatedTarget))
    this.addEventListener("pointerout", ({ target, relatedTarget }) => this.#leave(target, relatedTarget))
    this.addEventListener("focusin", ({ target }) => {
      this.#last = this.#tileOf(target)?.querySelector("button.seed__stage")?.id
      this.#play(this.#tileOf(target), true)
    })
    this.addEventListener("focusout", ({ target }) => this.#play(this.#tileOf(target), false))
    this.addEventListener("click", ({ target }) => target.closest("[data-act=all]") && this.#toggleAll())
    this.addEventListener("htmx:afterSettle", () => this.#settled())
    document.addEventListener("keydown", this.#key)
  }

  disconnectedCallback() { document.removeEventListener("keydown", this.#key) }

  get #button() { return this.querySelector("[data-act=all]") }
  get #all() { return this.#button.getAttribute("aria-pressed") === "true" }
  get #picks() { return [...this.querySelectorAll("button.seed__stage")] }

  #tileOf(element) { return element instanceof Element ? element.closest(".seed") : null }

  #enter(target, from) {
    const tile = this.#tileOf(target)
    if (tile && tile !== this.#tileOf(from)) this.#play(tile, true)
  }

  #leave(target, to) {
    const tile = this.#tileOf(target)
    if (tile && tile !== this.#tileOf(to)) this.#play(tile, false)
  }

  #play(tile, playing) {
    const video = tile?.querySelector("video")
    if (!video) return
    if (playing || this.#all) return video.play().catch(() => {})
    video.pause()
    video.load()              // its poster again
  }

  #toggleAll() {
    this.#button.setAttribute("aria-pressed", !this.#all)
    this.#playAll()
  }

  #playAll() { for (const tile of this.querySelectorAll(".seed")) this.#play(tile, this.#all) }

  #settled() {
    if (this.#all) this.#playAll()
    if (this.#last && document.activeElement === document.body) document.getElementById(this.#last)?.focus({ preventScroll: true })
  }

  #move(right, down) {
    const picks = this.#picks
    const at = picks.findIndex((pick) => pick.closest(".seed").contains(document.activeElement))
    if (at < 0) return picks[0]?.focus()
    const columns = getComputedStyle(this.querySelector(".seeds__tiles")).gridTemplateColumns.split(" ").length
    picks[Math.max(0, Math.min(picks.length - 1, at + right + down * columns))].focus()
  }

  /** The tile that keys are meant for: the one with the focus, else the one under the pointer. */
  get #meant() { return this.querySelector(".seed:focus-within") ?? this.querySelector(".seed:hover") }

  #rate(stars) {
    const star = this.#meant?.querySelector(`[name=stars][value="${stars}"]`)
    if (star && !star.checked) star.click()
  }

  #key = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, summary, dialog")) return
    const act = {
      ArrowLeft: () => this.#move(-1, 0),
      ArrowRight: () => this.#move(1, 0),
      ArrowUp: () => this.#move(0, -1),
      ArrowDown: () => this.#move(0, 1),
      " ": () => this.#toggleAll(),
      c: () => this.#meant?.querySelector(".seed__compare")?.click(),
    }[event.key.length > 1 ? event.key : event.key.toLowerCase()] ?? (/^[1-5]$/.test(event.key) ? () => this.#rate(event.key) : null)
    if (!act) return
    event.preventDefault()
    act()
  }
}
customElements.define("contact-sheet", ContactSheet)
