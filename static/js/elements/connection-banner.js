import { socket } from "lib/socket"

const GRACE_MS = 2_000      // a connection that is back before this was never worth a word

/** Opens the page's connection and says so when it is away for long. */
class ConnectionBanner extends HTMLElement {
  #timer
  #stop

  connectedCallback() {
    socket.open(this.getAttribute("socket"), Number(this.getAttribute("since")))
    this.#stop = socket.watch((state) => {
      clearTimeout(this.#timer)
      if (state === "away") this.#timer = setTimeout(() => this.#say("away"), GRACE_MS)
      else this.#say(state)
    })
  }

  disconnectedCallback() {
    clearTimeout(this.#timer)
    this.#stop()
  }

  #say(state) {
    for (const note of this.querySelectorAll("[data-note]")) note.hidden = note.dataset.note !== state
  }
}
customElements.define("connection-banner", ConnectionBanner)
