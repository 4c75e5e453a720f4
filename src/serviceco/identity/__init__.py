"""Accounts, sign-ins and machine keys: who somebody is, before any tenant is bound."""
