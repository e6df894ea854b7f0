import { socket } from "lib/socket"

const LONG_MS = 5_000       // a run longer than this is worth telling about when nobody is looking
const UNDO_MS = 1_500       // time for this page's own "Deleted. Undo" to take the card's place

/**
 * Keeps the cards of one project as they are: fetches those that other tabs asked for, drops those deleted elsewhere,
 * never shows one twice, and tells of clips that became ready while nobody was looking.
 */
class GenerationFeed extends HTMLElement {
  #stop
  #shown                    // ids of the cards that have been here
  #seen = new Map()         // id of a card in progress → when this page first saw it
  #coming = new Set()
  #told = new Map()         // id of a generation → the status its last event told
  #timers = {}
  #pressed                  // the card under a finger or a mouse button
  #still = matchMedia("(prefers-reduced-motion: reduce)").matches
  #title = document.title
  #back = () => document.hidden || (document.title = this.#title)

  connectedCallback() {
    this.#stop = socket.listen((message) => this.#receive(message))
    this.addEventListener("htmx:beforeSwap", (event) => this.#beforeSwap(event))
    this.addEventListener("htmx:afterSettle", () => this.#look())          // before that, nothing hears a new card's events
    this.addEventListener("htmx:responseError", ({ target, detail }) => detail.xhr.status === 404 && target.matches("article") && target.remove())
    this.addEventListener("pointerdown", ({ target }) => (this.#pressed = target.closest("article")))
    addEventListener("pointerup", this.#release)
    addEventListener("pointercancel", this.#release)
    this.addEventListener("play", ({ target }) => this.#onlyOne(target), true)
    document.addEventListener("visibilitychange", this.#back)
    this.#look()
  }

  disconnectedCallback() {
    this.#stop()
    document.removeEventListener("visibilitychange", this.#back)
    removeEventListener("pointerup", this.#release)
    removeEventListener("pointercancel", this.#release)
  }

  /** After the click that follows: the card may be renewed, if it is still there. */
  #release = () => {
    const card = this.#pressed
    this.#pressed = null
    if (card) setTimeout(() => card.matches("[data-renew]") && card.dispatchEvent(new CustomEvent("status-changed")))
  }

  get #list() { return this.querySelector("#feed-list") }

  #card(id) { return this.querySelector(`#generation-${CSS.escape(id)}`) }

  #receive(message) {
    if (message.type === "reload") {
      window.htmx.ajax("GET", this.getAttribute("refresh"), { target: this, swap: "outerHTML" })
      this.#refreshStatus()
    }
    if (message.type !== "event") return
    this.#refreshStatus()
    if (message.project === this.getAttribute("project")) this.#follow(message)
    if (/succeeded|failed|cancelled/.test(message.kind)) this.#refreshWaiting()
  }

  #follow({ kind, generation, status }) {
    if (!generation) return
    this.#told.set(generation, status)
    if (kind === "generation.deleted") setTimeout(() => this.#card(generation)?.remove(), UNDO_MS)
    else if (kind === "generation.prepared") this.#adorn(generation)
    else if (!this.#card(generation)) this.#add(generation)
  }

  /** Those that wait stand nearer the front now. */
  #refreshWaiting() {
    clearTimeout(this.#timers.waiting)
    this.#timers.waiting = setTimeout(() => {
      for (const card of this.querySelectorAll("[data-status=queued], [data-status=throttled]")) card.dispatchEvent(new CustomEvent("status-changed"))
    }, 400)
  }

  #refreshStatus() {
    clearTimeout(this.#timers.status)
    this.#timers.status = setTimeout(() => {
      document.body.dispatchEvent(new CustomEvent("studio-changed"))
      document.body.dispatchEvent(new CustomEvent("quote-wanted"))
    }, 300)
  }

  async #add(id) {
    if (this.#coming.has(id)) return
    this.#coming.add(id)
    try {
      const card = await this.#fetch(id)
      if (!card || this.#card(id)) return
      this.#place(document.adoptNode(card))
      this.#look()
    } finally {
      this.#coming.delete(id)
    }
  }

  /** Poster and sprite are made after the clip: give them to a card that may be playing already. */
  async #adorn(id) {
    const [shown, card] = [this.#card(id), await this.#fetch(id)]
    const [from, to] = [card, shown].map((article) => article?.querySelector("take-player"))
    if (!from || !to) return
    for (const { name, value } of from.attributes) if (name !== "class") to.setAttribute(name, value)
    to.querySelector("video").poster = from.querySelector("video").poster
    const glow = card.querySelector(".generation-card__glow")
    if (glow && !shown.querySelector(".generation-card__glow")) to.before(document.adoptNode(glow))
  }

  async #fetch(id) {
    const address = this.getAttribute("card").replace(this.getAttribute("project"), id)
    const response = await fetch(address, { headers: { "HX-Request": "true" } })
    if (!response.ok || response.redirected) return null
    return new DOMParser().parseFromString(await response.text(), "text/html").querySelector("article")
  }

  /** Newest first, as the server has them. */
  #place(card) {
    const older = [...this.#list.children].find((other) => !(Number(other.dataset.created) > Number(card.dataset.created)))
    this.#list.insertBefore(card, older ?? null)
    window.htmx.process(card)
  }

  /**
   * What comes takes the place of what is there: a card fetched after an event may also be the answer to a form. But
   * no card is renewed under a finger: a button that is renewed while it is pressed is never clicked.
   */
  #beforeSwap({ detail }) {
    if (!detail.shouldSwap) return
    if (this.#pressed && detail.target === this.#pressed && detail.requestConfig.verb === "get") {
      detail.shouldSwap = false
      this.#pressed.dataset.renew = ""
      return
    }
    const page = new DOMParser().parseFromString(detail.serverResponse, "text/html")
    for (const { id } of page.querySelectorAll("article[id]")) {
      const shown = document.getElementById(id)
      if (shown && shown !== detail.target) shown.remove()
    }
  }

  /** Notice which cards are in progress and which of them no longer are. */
  #look() {
    const cards = [...this.#list.querySelectorAll("article")]
    this.#shown ??= new Set(cards.map(({ id }) => id))
    for (const card of cards) {
      if (!this.#shown.has(card.id)) this.#arrive(card)
      const inProgress = card.hasAttribute("hx-get")
      if (inProgress && !this.#seen.has(card.id)) this.#seen.set(card.id, Date.now())
      if (inProgress) this.#catchUp(card)
      if (!inProgress && this.#seen.has(card.id)) {
        this.#ended(card, Date.now() - this.#seen.get(card.id))
        this.#seen.delete(card.id)
      }
    }
  }

  #arrive(card) {
    this.#shown.add(card.id)
    if (!this.#still) card.animate([{ opacity: 0, translate: "0 -12px" }, {}], { duration: 320, easing: "ease-out" })
  }

  /** What was told while a card was on its way: it left the server before that happened. Asked once for each event. */
  #catchUp(card) {
    const id = card.id.replace("generation-", "")
    const told = this.#told.get(id)
    this.#told.delete(id)
    if (told && told !== card.dataset.status) setTimeout(() => card.dispatchEvent(new CustomEvent("status-changed")))
  }

  #ended(card, milliseconds) {
    document.getElementById("news").textContent = card.dataset.news
    const { status } = card.dataset
    if (document.hidden && milliseconds > LONG_MS && status !== "cancelled") this.#tell(card)
    else if (status === "succeeded" && !this.#still) {
      card.querySelector("video")?.play().catch(() => {})       // refused by the browser: it waits to be played
    }
  }

  #tell(card) {
    document.title = `● ${card.dataset.news}`
    if (window.Notification?.permission !== "granted") return
    const note = new Notification(this.#title, { body: card.dataset.news, tag: card.id, icon: card.querySelector("video")?.poster })
    note.addEventListener("click", () => {
      window.focus()
      card.scrollIntoView({ block: "center" })
    })
  }

  #onlyOne(playing) {
    for (const video of this.querySelectorAll("video")) if (video !== playing) video.pause()
  }
}
customElements.define("generation-feed", GenerationFeed)
