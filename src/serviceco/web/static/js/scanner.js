// A scanner types like a very fast person. A burst is at least six keys with gaps of at most
// 40 ms, ended by Enter or Tab (ui.md 2.7). It belongs to the scan box wherever the cursor is:
// the field under the cursor gets its text back, no form is sent, no shortcut fires.
// Some scanners pause inside a code: parts of at least three keys, each as fast, make one burst.
// Nobody types three keys that fast; what a person typed before the scan is no part of it.
const MIN_KEYS = 6;
const MIN_PART_KEYS = 3;
const MAX_GAP_MS = 40;
const MAX_PAUSE_MS = 500;
const SAME_CODE_MS = 2000;
const SHIFTED_DIGITS = ")!@#$%^&*(";
const SIGNS = {
  Minus: "-_", Equal: "=+", Slash: "/?", Period: ".>", Comma: ",<", Semicolon: ";:",
  BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|", Quote: "'\"", Space: "  ",
};

let burst = null;
let last = { code: "", at: 0 };

// A Chinese input method reports key="Process"; the key's place still tells the character.
function signOf(event) {
  const { key, code, shiftKey } = event;
  if (key?.length === 1 && key <= "~") return key;
  if (/^Key[A-Z]$/.test(code)) return shiftKey ? code[3] : code[3].toLowerCase();
  if (/^Digit\d$/.test(code)) return shiftKey ? SHIFTED_DIGITS[code[5]] : code[5];
  if (/^Numpad\d$/.test(code)) return code[6];
  return SIGNS[code]?.[shiftKey ? 1 : 0] ?? "";
}

function begin(event) {
  const field = isTyping(event.target) ? event.target : null;
  const goesOn = burst && burst.text.length >= MIN_PART_KEYS && burst.field === field &&
    event.timeStamp - burst.at <= MAX_PAUSE_MS;
  burst = {
    lead: goesOn ? burst.lead + burst.text : "",
    text: "",
    at: event.timeStamp,
    field,
    before: goesOn ? burst.before : field?.value ?? "",
  };
}

// A person's Enter comes later than a scanner's, unless the scanner pauses before it too.
function isEndedBy(event) {
  if (!burst || burst.lead.length + burst.text.length < MIN_KEYS) return false;
  const patience = burst.text.length >= MIN_KEYS ? MAX_PAUSE_MS : MAX_GAP_MS;
  return event.timeStamp - burst.at <= patience;
}

function restore(field, before) {
  if (!field) return;
  field.value = before;
  // An open composition writes once more when it ends; put the text back after that too.
  const again = () => { field.value = before; };
  field.addEventListener("compositionend", again, { once: true });
  setTimeout(() => field.removeEventListener("compositionend", again), 500);
}

// In the scan box itself nothing else is typed: what it shows is what was scanned, also where
// pauses have cut it into pieces too small to tell.
function wholeOf({ lead, text, field }) {
  const code = lead + text;
  return field?.id === "scan" && field.value.endsWith(code) ? field.value : code;
}

function deliver(text, target) {
  const wanted = target?.dataset?.scan;
  if (wanted) {
    target.value = text;
    target.dispatchEvent(new Event("input", { bubbles: true }));
    focusNext(target);
    return;
  }
  const now = performance.now();
  if (text === last.code && now - last.at < SAME_CODE_MS) return;
  last = { code: text, at: now };
  const box = document.getElementById("scan");
  if (!box) return;
  box.value = text;
  box.select();
  box.form.classList.remove("miss");
  box.form.classList.add("hit");
  box.dispatchEvent(new CustomEvent("scan", { bubbles: true, detail: { code: text } }));
  box.form.requestSubmit();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" || event.key === "Tab" || event.code === "Enter" || event.code === "Tab") {
    const done = isEndedBy(event) ? burst : null;
    burst = null;
    if (!done) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const text = wholeOf(done);
    restore(done.field, done.before);
    deliver(text, done.field);
    return;
  }
  const sign = signOf(event);
  if (!sign) return;
  if (!burst || event.timeStamp - burst.at > MAX_GAP_MS) begin(event);
  burst.text += sign;
  burst.at = event.timeStamp;
}, true);

// A code that was not understood is shown again: select it, so that the next scan replaces it.
if (document.activeElement?.id === "scan") document.activeElement.select();

// The single-key shortcuts ask whether more keys follow.
document.burstLength = () => (burst ? burst.lead.length + burst.text.length : 0);
