// Papers named by [data-print] print through hidden frames of our own, one after the other.
function printOne(address) {
  return new Promise((resolve, reject) => {
    const frame = document.createElement("iframe");
    frame.className = "print-frame";
    frame.title = address;
    frame.addEventListener("load", () => {
      try {
        frame.contentWindow.addEventListener("afterprint", () => resolve());
        frame.contentWindow.print();
        setTimeout(resolve, 1000);
      } catch (fault) {
        reject(fault);
      }
    });
    frame.src = address;
    document.body.append(frame);
  });
}

async function printPapers(place) {
  const state = place.querySelector("[data-print-state]");
  try {
    for (const address of place.dataset.print.split(" ")) await printOne(address);
    state.textContent = said.saidPrinted;
  } catch {
    place.classList.add("danger");
    state.textContent = said.saidUnprinted;
  }
}

const place = document.querySelector("[data-print]");
// Once per arrival: going back to the page must not print again.
if (place && !history.state?.printed) {
  history.replaceState({ ...history.state, printed: true }, "");
  printPapers(place);
}
