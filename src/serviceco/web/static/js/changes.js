// What others do appears by itself: the server says that something changed, and htmx reads the
// region anew from the page's own address. A hidden page listens to nothing: a browser opens six
// connections to one server at most, however many tabs there are.
const region = document.querySelector("[data-changes]");
let source = null;
let waiting = 0;

function readAnew() {
  waiting = 0;
  htmx.ajax("GET", location.pathname + location.search, { target: region, swap: "innerHTML" });
}

function listen() {
  source = new EventSource(region.dataset.changes);
  // Several changes at once are one reading.
  source.addEventListener("changed", () => { waiting ||= setTimeout(readAnew, 250); });
}

if (region && window.EventSource) {
  if (!document.hidden) listen();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      source?.close();
      source = null;
    } else if (!source) {
      listen();
      readAnew();
    }
  });
}
