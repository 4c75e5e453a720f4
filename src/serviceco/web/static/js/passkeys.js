// Passkeys: a form[data-passkey] asks for a challenge, lets the browser make (create) or use (get)
// a passkey, and then sends itself with what the browser answered. Without WebAuthn it stays hidden.
"use strict";
{
  const hasPasskeys = "credentials" in navigator && "PublicKeyCredential" in globalThis;

  const toBytes = (text) => Uint8Array.from(
    atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const named = (keys) => keys?.map((key) => ({ ...key, id: toBytes(key.id) }));

  async function askServer(form) {
    const answer = await fetch(form.dataset.challenge, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { "x-requested-with": "serviceco" },
    });
    const options = await answer.json();
    if (options.refused) throw new Error(options.refused, { cause: "refused" });
    return options;
  }

  async function made(options) {
    const key = await navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: toBytes(options.challenge),
        user: { ...options.user, id: toBytes(options.user.id) },
        excludeCredentials: named(options.excludeCredentials),
      },
    });
    return written(key, {
      attestationObject: toText(key.response.attestationObject),
      transports: key.response.getTransports?.() ?? [],
    });
  }

  async function used(options) {
    const key = await navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: toBytes(options.challenge),
        allowCredentials: named(options.allowCredentials),
      },
    });
    return written(key, {
      authenticatorData: toText(key.response.authenticatorData),
      signature: toText(key.response.signature),
      userHandle: key.response.userHandle ? toText(key.response.userHandle) : null,
    });
  }

  function written(key, response) {
    return JSON.stringify({
      id: key.id,
      rawId: toText(key.rawId),
      type: key.type,
      clientExtensionResults: {},
      response: { clientDataJSON: toText(key.response.clientDataJSON), ...response },
    });
  }

  function say(form, sentence) {
    const fault = form.querySelector("[data-fault]");
    fault.textContent = sentence;
    fault.hidden = !sentence;
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!hasPasskeys) continue;
    form.hidden = false;
    for (const button of form.querySelectorAll("[data-make]")) button.hidden = false;
    form.addEventListener("submit", async (event) => {
      if (event.submitter?.hasAttribute("data-plain")) return;
      event.preventDefault();
      say(form, "");
      try {
        const options = await askServer(form);
        const answer = await (form.dataset.passkey === "create" ? made(options) : used(options));
        form.elements.credential.value = answer;
        form.submit();
      } catch (fault) {
        say(form, fault.cause === "refused" ? fault.message : form.dataset.failed);
      }
    });
  }
}
