"use strict";
// Runs documents on /graphql with the cookie of the page, and shows the schema by introspection.
{
  const root = document.getElementById("explorer");
  const found = (id) => document.getElementById(id);
  const [text, variables, result, took] = ["document", "variables", "result", "took"].map(found);
  const KEPT = 20;
  const STORE = "serviceco explorer";
  const SCHEMA = `query Schema { __schema { queryType { name } mutationType { name } subscriptionType { name }
    types { name kind description
      fields(includeDeprecated: true) { name description isDeprecated deprecationReason type { ...T }
        args { name description defaultValue type { ...T } } }
      inputFields { name description defaultValue type { ...T } }
      enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
      possibleTypes { name } } } }
    fragment T on __Type { name kind ofType { name kind ofType { name kind ofType { name kind } } } }`;
  let types = new Map();
  let roots = [];

  async function ask(query, given) {
    const answer = await fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables: given }),
    });
    return answer.text();
  }

  async function run() {
    let given;
    try {
      given = JSON.parse(variables.value.trim() || "{}");
      variables.removeAttribute("aria-invalid");
    } catch (fault) {
      variables.setAttribute("aria-invalid", "true");
      took.textContent = `${root.dataset.invalid} ${fault.message}`;
      variables.focus();
      return;
    }
    const began = performance.now();
    result.setAttribute("aria-busy", "true");
    try {
      const body = await ask(text.value, given);
      const ms = Math.round(performance.now() - began);
      const kb = (new Blob([body]).size / 1024).toFixed(1);
      took.textContent = root.dataset.took.replace("{ms}", ms).replace("{kb}", kb);
      result.textContent = pretty(body);
      remember();
    } catch {
      took.textContent = root.dataset.failed;
    }
    result.removeAttribute("aria-busy");
  }

  // Numbers of 64 bits are strings in the answer, so reading and writing it again loses nothing.
  function pretty(body) {
    try {
      return JSON.stringify(JSON.parse(body), null, 2);
    } catch {
      return body;
    }
  }

  function remembered() {
    try {
      return JSON.parse(localStorage.getItem(STORE)) ?? [];
    } catch {
      return [];
    }
  }

  function remember() {
    const now = { text: text.value, variables: variables.value };
    const others = remembered().filter((one) => one.text !== now.text);
    localStorage.setItem(STORE, JSON.stringify([now, ...others].slice(0, KEPT)));
    listHistory();
  }

  function listHistory() {
    const list = found("history");
    list.replaceChildren(list.options[0]);
    for (const [place, one] of remembered().entries()) {
      list.append(new Option(one.text.replace(/\s+/g, " ").slice(0, 70), String(place)));
    }
  }

  function element(tag, content, name) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    made.append(...[content].flat());
    return made;
  }

  function named(type) {
    return type.ofType ? named(type.ofType) : type;
  }

  function written(type) {
    if (type.kind === "NON_NULL") return [...written(type.ofType), "!"];
    if (type.kind === "LIST") return ["[", ...written(type.ofType), "]"];
    return [link(type.name)];
  }

  function link(name) {
    const button = element("button", name, "type");
    button.type = "button";
    button.addEventListener("click", () => show(name));
    return button;
  }

  function argument(given) {
    const usual = given.defaultValue === null ? "" : ` = ${given.defaultValue}`;
    return [`${given.name}: `, ...written(given.type), usual];
  }

  function described(field) {
    const given = (field.args ?? []).flatMap((one, place) => [place ? ", " : "(", ...argument(one)]);
    const type = field.type ? [": ", ...written(field.type)] : [];
    const parts = [element("dt", [field.name, ...given, given.length ? ")" : "", ...type])];
    if (field.description) parts.push(element("dd", field.description));
    if (field.isDeprecated) parts.push(element("dd", field.deprecationReason, "withdrawn"));
    for (const one of field.args ?? []) {
      if (one.description) parts.push(element("dd", [element("code", one.name), ` ${one.description}`]));
    }
    return parts;
  }

  function show(name) {
    const type = types.get(name);
    if (!type) return;
    const members = type.fields ?? type.inputFields ?? type.enumValues ?? [];
    const possible = (type.possibleTypes ?? []).map((one) => element("dt", link(one.name)));
    found("described").replaceChildren(
      element("h3", type.name, "mono"),
      element("p", type.description ?? ""),
      element("dl", [...possible, ...members.flatMap(described)]),
    );
    found("way").replaceChildren(...roots.map(link));
  }

  function search(sought) {
    const wanted = sought.trim().toLowerCase();
    if (!wanted) return show(roots[0]);
    const hits = [];
    for (const type of types.values()) {
      if (type.name.toLowerCase().includes(wanted)) hits.push(element("dt", link(type.name)));
      for (const field of type.fields ?? type.inputFields ?? []) {
        if (field.name.toLowerCase().includes(wanted)) {
          hits.push(element("dt", [link(type.name), `.${field.name}`]));
        }
      }
    }
    const list = hits.length ? element("dl", hits.slice(0, 100)) : element("p", root.dataset.none);
    found("described").replaceChildren(list);
  }

  async function learn() {
    const answer = JSON.parse(await ask(SCHEMA, {}));
    if (!answer.data) {
      found("described").replaceChildren(element("p", answer.errors[0].message));
      return;
    }
    const schema = answer.data.__schema;
    types = new Map(schema.types.filter((one) => !one.name.startsWith("__")).map((one) => [one.name, one]));
    roots = [schema.queryType, schema.mutationType, schema.subscriptionType].filter(Boolean).map((one) => one.name);
    show(roots[0]);
  }

  found("asking").addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      run();
    }
  });
  found("history").addEventListener("change", (event) => {
    const one = remembered()[Number(event.target.value)];
    if (event.target.value === "" || !one) return;
    text.value = one.text;
    variables.value = one.variables;
    variables.removeAttribute("aria-invalid");
    text.focus();
  });
  found("forget").addEventListener("click", () => {
    localStorage.removeItem(STORE);
    listHistory();
  });
  found("sought").addEventListener("input", (event) => search(event.target.value));
  listHistory();
  learn();
}
