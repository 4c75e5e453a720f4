"""The pages without a browser: headers, forms, words, formats, codes."""
