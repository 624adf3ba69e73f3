"""What managers see of usage: tiles, forecast, budgets, alerts, exports; the figures come from the store."""
