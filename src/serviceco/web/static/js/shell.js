// Menus close on Escape and outside clicks; toasts leave after ten seconds unless attended to.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

for (const button of document.querySelectorAll("[data-help]")) {
  button.hidden = false;
  button.addEventListener("click", () => document.getElementById("help").showModal());
}

for (const toast of document.querySelectorAll("[data-toast]")) {
  let timer = 0;
  const leave = () => toast.remove();
  const wait = () => { timer = setTimeout(leave, 10_000); };
  const stay = () => clearTimeout(timer);
  const close = toast.querySelector("[data-close]");
  close.hidden = false;
  close.addEventListener("click", leave);
  toast.addEventListener("mouseenter", stay);
  toast.addEventListener("focusin", stay);
  toast.addEventListener("mouseleave", wait);
  toast.addEventListener("focusout", wait);
  wait();
}

document.getElementById("summary")?.focus();
