import { socket } from "lib/socket"
import { fill } from "lib/words"

const POLL_MS = 4_000       // only while the socket is away

/**
 * Moves the <progress> and the preview inside it as steps arrive. Says "status-changed", which fetches the card again,
 * when something happened to its generation and, without a socket, every few seconds.
 */
class GenerationProgress extends HTMLElement {
  #stop
  #timer

  connectedCallback() {
    this.#stop = socket.listen((message) => message.generation === this.getAttribute("generation") && this.#receive(message))
    this.#timer = setInterval(() => socket.state === "open" || this.#changed(), POLL_MS)
    const preview = this.querySelector(".generation-card__preview")
    preview.addEventListener("error", () => (preview.hidden = true))        // none was kept: the leader goes on
    this.#show()
  }

  disconnectedCallback() {
    this.#stop()
    clearInterval(this.#timer)
  }

  get #bar() { return this.querySelector("progress") }

  #receive(message) {
    if (message.type === "event") this.#changed()
    if (message.type === "loading") {
      this.#say(fill(message.seconds ? this.dataset.loadingEta : this.dataset.loading, message))
    }
    if (message.type !== "step" || message.step < this.#bar.value) return     // a late hint never moves the bar back
    if (this.closest("[data-status=queued], [data-status=throttled]")) this.#changed()
    this.#bar.max = message.steps
    this.#bar.value = message.step
    this.#say(fill(this.#sentence(message), {
      step: message.step, steps: message.steps, seconds: Math.round(message.eta_seconds ?? 0),
    }))
    if (message.preview) this.#showPreview(message.step)
    this.#show()
  }

  #sentence({ eta_seconds: seconds }) {
    if (seconds === null || seconds === undefined) return this.dataset.step
    return seconds >= 1 ? this.dataset.eta : this.dataset.almost
  }

  #say(sentence) { this.querySelector(".generation-card__words").textContent = sentence }

  #changed() { this.dispatchEvent(new CustomEvent("status-changed", { bubbles: true })) }

  async #showPreview(step) {
    const next = new Image()
    next.src = `${this.getAttribute("preview")}?step=${step}`
    try {
      await next.decode()
    } catch {
      return                // gone already: the clip is about to come
    }
    const shown = this.querySelector(".generation-card__preview")
    shown.src = next.src
    shown.hidden = false
  }

  #show() { this.style.setProperty("--fraction", this.#bar.value / this.#bar.max) }
}
customElements.define("generation-progress", GenerationProgress)
