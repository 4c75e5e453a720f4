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
