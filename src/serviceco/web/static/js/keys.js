// The keyboard map (ui.md 2.6). Single keys can be switched off, never fire while something is
// typed or composed, and wait 60 ms so that a scanner's burst presses none of them.
const WAIT_MS = 60;
let pending = 0;
let going = false;

const rows = () => [...document.querySelectorAll("[data-row]")];

function step(by) {
  const all = rows();
  if (!all.length) return;
  const here = all.findIndex((row) => row.classList.contains("current"));
  const next = all[Math.max(0, Math.min(all.length - 1, here + by))];
  all[here]?.classList.remove("current");
  next.classList.add("current");
  next.querySelector("a, button, input")?.focus();
  next.scrollIntoView({ block: "nearest" });
}

function tick(number) {
  const groups = [...document.querySelectorAll("[data-chips]")];
  const near = document.activeElement?.closest?.("[data-chips]");
  const chips = (near ?? groups[0])?.querySelectorAll("input") ?? [];
  const chip = chips[number - 1];
  if (!chip) return;
  chip.click();
  chip.focus();
}

function goTo(key) {
  const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
  if (link) link.click();
}

const singles = {
  "/": () => document.getElementById("scan")?.select(),
  "?": () => document.getElementById("help")?.showModal(),
  g: () => { going = true; setTimeout(() => { going = false; }, 1500); },
  j: () => step(1),
  k: () => step(-1),
  x: () => document.querySelector("[data-row].current input[type=checkbox]")?.click(),
};

function press(key) {
  if (going) {
    going = false;
    goTo(key);
  } else if (/^[1-9]$/.test(key)) {
    tick(Number(key));
  } else if (keyed(key)) {
    follow(keyed(key));
  } else {
    singles[key]?.();
  }
}

// What a key presses may say where the cursor goes on.
function follow(place) {
  place.click();
  if (place.dataset.then) document.getElementById(place.dataset.then)?.focus();
}

// What the page names by a key goes before the keys of all pages; a key of a row works on the row
// that is current.
function keyed(key) {
  const named = `[data-key="${CSS.escape(key)}"]`;
  const row = document.activeElement?.closest("[data-row]") ?? document.querySelector("[data-row].current");
  const outside = [...document.querySelectorAll(named)].find((one) => !one.closest("[data-row]"));
  return row?.querySelector(named) ?? outside;
}

function withModifiers(event) {
  if (event.ctrlKey && event.key === "Enter") {
    const form = event.target.closest?.("form");
    (form?.querySelector("[data-primary]") ?? document.querySelector("main [data-primary]"))?.click();
    return true;
  }
  if (event.altKey && /^Digit[1-6]$/.test(event.code)) {
    const sections = document.querySelectorAll("[data-section]");
    const title = sections[Number(event.code[5]) - 1]?.querySelector("[tabindex]");
    title?.focus();
    return Boolean(title);
  }
  return false;
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented) return;
  if (event.ctrlKey || event.altKey || event.metaKey) {
    if (withModifiers(event)) event.preventDefault();
    return;
  }
  if (event.key === "F2") {
    event.preventDefault();
    document.getElementById("scan")?.select();
    return;
  }
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
    document.getElementById("scan")?.focus();
    return;
  }
  clearTimeout(pending);
  if (page.dataset.shortcuts === "off" || isTyping(event.target) || event.key.length !== 1) return;
  if (document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  if (key === "/" || key === "?") event.preventDefault();
  pending = setTimeout(() => { if (document.burstLength() <= 1) press(key); }, WAIT_MS);
});

// Letters that choose (F invoice, B card, D activation) also work from the date beside them.
document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.("input[inputmode=numeric]") || event.key.length !== 1) return;
  const named = `[data-letters] [data-key="${CSS.escape(event.key.toLowerCase())}"]`;
  const choice = event.target.closest(".fields")?.querySelector(named);
  if (!choice || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  setTimeout(() => { if (document.burstLength() <= 1) choice.click(); }, WAIT_MS);
});

// On a page that is worked through from top to bottom, Enter goes on instead of sending.
document.addEventListener("keydown", (event) => {
  const isLine = event.target.matches?.("[data-steps] input:not([type=checkbox], [type=radio], [type=submit])");
  if (event.key !== "Enter" || event.defaultPrevented || event.ctrlKey || event.isComposing || !isLine) return;
  event.preventDefault();
  focusNext(event.target);
});
