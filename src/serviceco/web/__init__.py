"""Pages for people: a controller runs a document through the API and renders a template."""
