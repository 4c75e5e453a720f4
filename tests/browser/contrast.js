() => {
  // Ratios of WCAG 2 between every visible text and what lies behind it, as rendered.
  const parse = (text) => {
    const parts = text.match(/[\d.]+/g).map(Number);
    return { rgb: parts.slice(0, 3), alpha: parts.length > 3 ? parts[3] : 1 };
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const { rgb, alpha } = parse(getComputedStyle(at).backgroundColor);
      if (alpha === 1) return rgb;
    }
    return [255, 255, 255];
  };
  const ratio = (one, other) => {
    const [a, b] = [light(one), light(other)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const low = [];
  for (const element of document.querySelectorAll("body *")) {
    if (!element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (hasText) {
      const found = ratio(parse(style.color).rgb, behind(element));
      if (found < 4.5) low.push(`text ${found.toFixed(2)} ${element.className} ${element.textContent.trim().slice(0, 20)}`);
    }
    if (element.matches(".control, .chip, .button:not(.quiet, .primary)")) {
      const found = ratio(parse(style.borderTopColor).rgb, behind(element.parentElement));
      if (found < 3) low.push(`border ${found.toFixed(2)} ${element.className}`);
    }
  }
  return low;
}
