"""Where bytes come from: one table, any row of which an inventory can point at a mirror."""
