//! State → cells: layout, theme roles, widgets.
