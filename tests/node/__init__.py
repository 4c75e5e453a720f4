"""Programs of Node.js that stand beside ours in tests and in the bench."""
