// After a swap by htmx: the focus is never lost to <body>, and waiting is shown after 300 ms.
let line = 0;
let focusedId = "";
let focusedLink = null;

document.addEventListener("htmx:beforeRequest", (event) => {
  const region = event.detail.target;
  line = setTimeout(() => {
    region.setAttribute("aria-busy", "true");
    const bar = document.createElement("div");
    bar.className = "busy-line";
    bar.id = "busy";
    document.body.append(bar);
  }, 300);
});

document.addEventListener("htmx:afterRequest", (event) => {
  clearTimeout(line);
  document.getElementById("busy")?.remove();
  event.detail.target?.removeAttribute("aria-busy");
  if (event.detail.xhr.status === 401) location.reload();
});

// An answer shows the fields as they were when it was asked for. What was typed or ticked since
// then is put back into the region that the answer replaces.
const asked = new WeakMap();
let since = [];
const FIELDS = "input[name], textarea[name], select[name]";
const isTicked = (field) => field.type === "checkbox" || field.type === "radio";
const nameOf = (field) => (isTicked(field) ? `${field.name}=${field.value}` : field.name);
const stateOf = (field) => (isTicked(field) ? field.checked : field.value);

document.addEventListener("htmx:beforeRequest", (event) => {
  const fields = [...document.querySelectorAll(FIELDS)];
  asked.set(event.detail.xhr, new Map(fields.map((field) => [nameOf(field), stateOf(field)])));
});

function gather(event) {
  const before = asked.get(event.detail.xhr) ?? asked.get(lastXhr);
  if (!before) return;
  for (const field of event.detail.target.querySelectorAll(FIELDS)) {
    if (field.type === "hidden" || field.type === "file") continue;
    const name = nameOf(field);
    if (before.has(name) && before.get(name) !== stateOf(field)) since.push([name, stateOf(field)]);
  }
}

function putBack(event) {
  const region = event.detail.target;
  const fields = new Map([...region.querySelectorAll(FIELDS)].map((field) => [nameOf(field), field]));
  since = since.filter(([name, state]) => {
    const field = fields.get(name);
    if (!field) return true;
    if (isTicked(field)) field.checked = state;
    else field.value = state;
    return false;
  });
}

let lastXhr = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  lastXhr = event.detail.xhr;
  since = [];
  gather(event);
});
document.addEventListener("htmx:oobBeforeSwap", gather);
document.addEventListener("htmx:afterSwap", putBack);
document.addEventListener("htmx:oobAfterSwap", putBack);

document.addEventListener("htmx:beforeSwap", () => {
  focusedId = document.activeElement?.id ?? "";
  focusedLink = document.activeElement?.closest("a")?.getAttribute("href");
});

document.addEventListener("htmx:afterSettle", (event) => {
  const region = event.detail.target;
  const summary = document.getElementById("summary");
  if (summary && region.contains(summary)) {
    summary.focus();
  } else if (document.activeElement === document.body) {
    const again = (focusedId && document.getElementById(focusedId)) ||
      (focusedLink && region.querySelector(`a[href="${CSS.escape(focusedLink)}"]`));
    const place = again || region.querySelector("[data-focus], h2[tabindex], h1[tabindex]") ||
      document.getElementById("scan") || document.getElementById("main");
    place.focus();
  }
  // What was looked up hands the cursor on, if it still stands where the question was asked.
  const hand = region.querySelector("[data-hand]");
  if (hand && document.activeElement?.id === hand.dataset.from) {
    document.querySelector(hand.dataset.hand)?.focus();
  }
  const words = region.querySelector("[data-announce]");
  if (words) announce(words.dataset.announce);
});

for (const kind of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(kind, () => showPill(said.saidOffline, "offline"));
}
document.addEventListener("htmx:afterOnLoad", () => showPill("", ""));

// A scan that was answered leaves the box empty for the next one.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.requestConfig?.elt.id === "scan-form") document.getElementById("scan").value = "";
});
