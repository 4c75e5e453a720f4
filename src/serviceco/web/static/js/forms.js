// Sending forms: the same request is repeated after 1, 3 and 9 seconds when the network fails,
// with the same idempotency key, so it counts once. Without this script forms work as plain forms.
const PAUSES_MS = [1000, 3000, 9000];
const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

async function post(form, submitter) {
  const fields = new FormData(form, submitter);
  const multipart = form.enctype === "multipart/form-data";
  for (let attempt = 0; ; attempt += 1) {
    try {
      const answer = await fetch(submitter?.getAttribute("formaction") ?? form.getAttribute("action"), {
        method: "POST",
        body: multipart ? fields : new URLSearchParams(fields),
        headers: { "x-requested-with": "serviceco" },
      });
      showPill("", "");
      return answer;
    } catch (fault) {
      if (attempt === PAUSES_MS.length) throw fault;
      showPill(said.saidRetrying, "");
      await wait(PAUSES_MS[attempt]);
    }
  }
}

// The page that came back (422, 403, 409) takes the place of this one's main part; what was typed
// is in it, and the list of faults takes the focus, or where a page that asks again wants it.
async function showAnswer(answer) {
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.title = fresh.title;
  const main = fresh.getElementById("main");
  document.getElementById("main").replaceWith(main);
  htmx.process(main);
  main.dispatchEvent(new CustomEvent("shown", { bubbles: true }));
  (document.getElementById("summary") ?? main.querySelector("[autofocus]") ?? main).focus();
  scrollTo(0, 0);
}

async function send(form, submitter) {
  const answer = await post(form, submitter);
  if (answer.status === 401) {
    await signInAgain();
    form.elements._csrf.value = formToken();
    return send(form, submitter);
  }
  if (answer.headers.has("x-location")) {
    form.dispatchEvent(new CustomEvent("sent", { bubbles: true }));
    location.assign(answer.headers.get("x-location"));
    return true;
  }
  await showAnswer(answer);
  return false;
}

// The sign-in ended while somebody worked: ask again over the page, then go on with the same form.
async function signInAgain() {
  const dialog = document.getElementById("relogin");
  await showDoor(dialog, "/sign-in");
  dialog.showModal();
  await new Promise((resolve) => {
    dialog.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopPropagation();
      const answer = await post(event.target, event.submitter);
      const next = answer.headers.get("x-location");
      // The password was right, but more is asked before there is a session.
      if (next?.startsWith("/sign-in/")) await showDoor(dialog, next);
      else if (next) resolve();
      else dialog.querySelector("h1").textContent = said.saidFailed;
    });
  });
  document.querySelector('meta[name="csrf"]').content = await (await fetch("/me/token")).text();
  dialog.close();
}

async function showDoor(dialog, path) {
  const door = await (await fetch(path)).text();
  dialog.replaceChildren(new DOMParser().parseFromString(door, "text/html").getElementById("sign_in"));
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-send]") || event.defaultPrevented) return;
  event.preventDefault();
  if (form.dataset.sending) return;
  form.dataset.sending = "yes";
  const button = event.submitter ?? form.querySelector("[data-primary]");
  button?.setAttribute("aria-busy", "true");
  announce(said.saidSending ?? "");
  try {
    // While the next page is on its way, a second click must not send this one again.
    if (await send(form, event.submitter)) return;
  } catch {
    showPill(said.saidUnsent, "offline");
    announce(said.saidUnsent);
  }
  delete form.dataset.sending;
  button?.removeAttribute("aria-busy");
});

// A page that the browser kept and shows again may be sent again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sending]")) delete form.dataset.sending;
});

// Enter inside a field that wants a scan moves on instead of sending the form.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.dataset?.scan) return;
  event.preventDefault();
  focusNext(event.target);
});

// A draft goes to the server three seconds after a change, also while more is typed
// (form[data-draft] holds the address); what is being sent for good needs no draft any more.
let draftTimer = 0;
function keepDraft(event) {
  const form = event.target.form?.closest("form[data-draft]") ?? event.target.closest?.("form[data-draft]");
  if (!form || draftTimer || form.dataset.sending) return;
  draftTimer = setTimeout(async () => {
    draftTimer = 0;
    if (form.dataset.sending || !form.isConnected) return;
    const state = form.querySelector("[data-state]");
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { "x-requested-with": "serviceco" },
      });
      if (answer.ok && state) state.textContent = await answer.text();
    } catch {
      showPill(said.saidOffline, "offline");
    }
  }, 3000);
}
document.addEventListener("input", keepDraft);
// What a scan brought in was not typed, but is as good.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.requestConfig?.elt.id === "scan-form") keepDraft({ target: event.detail.target });
});

addEventListener("offline", () => showPill(said.saidOffline, "offline"));
addEventListener("online", () => showPill("", ""));
