"""Heavy drawing libraries load here alone, in processes that end."""
