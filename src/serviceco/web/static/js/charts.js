// Draws each figure[data-chart] with Vega; its colours are our tokens in the theme of the moment.
// The figures stay hidden where this does not run: the tables beside them say the same.
{
  const tip = document.createElement("div");
  tip.className = "chart-tip";
  tip.hidden = true;
  document.body.append(tip);

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function inTheme(part) {
    if (typeof part === "string") return part.replace(/^var\((--[\w-]+)\)$/, (_, name) => token(name));
    if (Array.isArray(part)) return part.map(inTheme);
    if (part === null || typeof part !== "object") return part;
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, inTheme(value)]));
  }

  // Written by us instead of the library, whose own tip would need inline styles.
  function showTip(_, event, __, value) {
    tip.hidden = !value;
    if (!value) return;
    tip.textContent = typeof value === "string" ? value : Object.values(value)[0];
    tip.style.left = `${Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 8)}px`;
    tip.style.top = `${event.clientY + 12}px`;
  }

  async function draw(figure) {
    const spec = inTheme(JSON.parse(figure.dataset.chart));
    spec.config.font = getComputedStyle(document.body).fontFamily;
    figure.hidden = false;
    const options = { mode: "vega-lite", ast: true, renderer: "canvas", actions: false, defaultStyle: false, tooltip: showTip };
    await vegaEmbed(figure.querySelector("[data-plot]"), spec, options);
    figure.dataset.drawn = "yes";
  }

  async function drawAll() {
    for (const figure of document.querySelectorAll("figure[data-chart]")) {
      try {
        await draw(figure);
        const table = document.getElementById(figure.dataset.table);
        if (table) table.open = false;
      } catch (fault) {
        figure.hidden = true;
        console.error(fault);
      }
    }
  }

  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  document.addEventListener("htmx:afterSettle", drawAll);
}
