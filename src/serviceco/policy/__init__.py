"""Brand policy engine: words, rules, packs and published versions."""
