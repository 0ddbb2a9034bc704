"""Public pages about the plan: a module for each kind of thing that has pages."""
