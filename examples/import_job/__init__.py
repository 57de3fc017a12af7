"""Brings a town's register of pets up to date, each night."""
