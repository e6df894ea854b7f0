/** Passkeys in the JSON a server speaks: bytes are base64url there, and ArrayBuffers in the browser. */

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0))

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")

const described = (credentials = []) => credentials.map((one) => ({ ...one, id: toBytes(one.id) }))

export const isKnown = () => Boolean(window.PublicKeyCredential && navigator.credentials)

/** Make a passkey, `alone`: one that signs in without a password. Rejects when its owner would not. */
export async function create({ publicKey }, alone) {
  const asked = {
    ...publicKey,
    challenge: toBytes(publicKey.challenge),
    user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
    excludeCredentials: described(publicKey.excludeCredentials),
    authenticatorSelection: {
      ...publicKey.authenticatorSelection,
      residentKey: alone ? "required" : "discouraged",
      requireResidentKey: alone,
      ...(alone && { userVerification: "required" }),
    },
  }
  const made = await navigator.credentials.create({ publicKey: asked })
  return told(made, {
    attestationObject: toText(made.response.attestationObject),
    transports: made.response.getTransports?.() ?? [],
  })
}

/** Show a passkey. Rejects when its owner would not. */
export async function get({ publicKey }) {
  const asked = { ...publicKey, challenge: toBytes(publicKey.challenge), allowCredentials: described(publicKey.allowCredentials) }
  const shown = await navigator.credentials.get({ publicKey: asked })
  const { authenticatorData, signature, userHandle } = shown.response
  return told(shown, {
    authenticatorData: toText(authenticatorData),
    signature: toText(signature),
    userHandle: userHandle ? toText(userHandle) : null,
  })
}

const told = (credential, response) => ({
  type: credential.type,
  id: credential.id,
  rawId: toText(credential.rawId),
  authenticatorAttachment: credential.authenticatorAttachment ?? null,
  clientExtensionResults: credential.getClientExtensionResults(),
  response: { clientDataJSON: toText(credential.response.clientDataJSON), ...response },
})
