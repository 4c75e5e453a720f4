"""The brand's side: what a brand is shown of the work that companies do in its name."""
