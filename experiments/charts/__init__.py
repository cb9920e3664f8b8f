"""Charts in two steps: small plain data, then a Plotly figure in the palette of the page."""
