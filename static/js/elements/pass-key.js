import { create, get, isKnown } from "lib/passkeys"

/**
 * Before its form goes, asks for a passkey and hands the answer in with it. `does`: "create" or "get". What the server
 * asks for stands in the JSON element named by `options`, or is fetched from the address in `ask`.
 */
class PassKey extends HTMLElement {
  connectedCallback() {
    const form = this.querySelector("form")
    if (form.hasAttribute("data-needs-script")) form.hidden = !isKnown()
    form.addEventListener("submit", (event) => {
      event.preventDefault()
      this.#submit(form)
    })
  }

  async #submit(form) {
    const button = form.querySelector("button")
    button.disabled = true
    this.#say(null)
    try {
      if (!isKnown()) return this.#say("missing")
      const asked = await this.#asked()
      const alone = form.elements.passwordless?.checked ?? false
      const answer = await (asked.creation_options ? create(asked.creation_options, alone) : get(asked.request_options))
      form.elements.credential.value = JSON.stringify(answer)
      form.submit()
    } catch (error) {
      this.#say(error.name === "InvalidStateError" ? "known" : "refused")
    } finally {
      button.disabled = false
    }
  }

  async #asked() {
    if (this.hasAttribute("options")) return JSON.parse(document.getElementById(this.getAttribute("options")).textContent)
    const answer = await fetch(this.getAttribute("ask"), { headers: { Accept: "application/json" } })
    if (!answer.ok) throw new Error(`${answer.status}`)
    return answer.json()
  }

  #say(what) {
    for (const words of this.querySelectorAll("[data-says]")) words.hidden = words.dataset.says !== what
  }
}
customElements.define("pass-key", PassKey)
