"""The one middleware under both fronts: who acts, what is refused at the door, what every answer carries."""
