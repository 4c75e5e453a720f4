"""The planner: types declare tables and columns, and a document becomes one SQL statement."""
