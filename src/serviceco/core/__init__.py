"""Words every room shares: actor, money, order numbers, periods, refusals. Standard library only."""
