"""The engine that brings sources into the store: fetch, validate, write, and survive anything in between."""
