/** Plays the camera move under the pointer, or else the chosen one, on its small stage. */
class CameraChoice extends HTMLElement {
  connectedCallback() {
    this.#stage.hidden = false
    this.#show(this.#chosen)
    this.addEventListener("change", () => this.#show(this.#chosen))
    this.addEventListener("pointerover", ({ target }) => this.#show(target.closest(".choice")?.querySelector("input") ?? this.#chosen))
    this.addEventListener("pointerleave", () => this.#show(this.#chosen))
  }

  get #stage() { return this.querySelector(".camera-stage") }
  get #chosen() { return this.querySelector("input:checked") }

  #show(radio) {
    const move = radio?.value ?? ""
    if (this.#stage.dataset.move === move) return
    this.#stage.dataset.move = ""
    this.#stage.getBoundingClientRect()       // an animation begins anew only once the old one was seen to end
    this.#stage.dataset.move = move
  }
}
customElements.define("camera-choice", CameraChoice)
