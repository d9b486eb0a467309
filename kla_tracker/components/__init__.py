"""The parts that pages are made of, as template tags and filters; loaded everywhere as built-ins
(`TEMPLATES` in the settings names each module).

Each tag's Python signature is its contract: a misspelt argument stops the page. What is drawn per
row of a long list (bars, badges) is built by `format_html` here; the rest has a template in
`templates/components/`. All of them stand, in every state, on `/gaya/`.
"""
