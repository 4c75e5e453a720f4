// Shared by the scripts below, each of which the bundle wraps in a block of its own.
const page = document.documentElement;
const said = document.body.dataset;

function isTyping(target) {
  return Boolean(target.closest?.("input, textarea, select, [contenteditable]")) &&
    !["checkbox", "radio", "button", "submit"].includes(target.type);
}

// Screen readers hear it; nothing moves.
function announce(text) {
  const live = document.getElementById("live");
  if (live) live.textContent = text;
}

function showPill(text, kind) {
  const pill = document.getElementById("pill");
  if (!pill) return;
  pill.textContent = text;
  pill.className = `pill ${kind}`;
  pill.hidden = !text;
}

function formToken() {
  return document.querySelector('meta[name="csrf"]').content;
}

function focusNext(field) {
  const all = [...field.form.querySelectorAll("input:not([type=hidden]), select, textarea, button")];
  all[all.indexOf(field) + 1]?.focus();
}
