"""A run as one HTML file that needs no network: for a browser, a printer, a mail.

report.py      the page: its sections, its data, its Content-Security-Policy
answer.py      the head of the page with the answer, the leaders trained again, how to do it again
sections.py    the sections between, with their charts and lists
trial_table.py all trials, as a table that sorts
elements.py    HTML elements whose text is escaped
drawn.py       which trials are drawn where there are too many
rows.py        what the charts draw, as rows
axes.py        where a value lies on an axis, and what is written there
style.py       colours, and what all charts share
charts.py      charts with a mark for each trial: history, slices, combinations, learning curves
overviews.py   charts of the whole run: importance, stages, workers
compiled.py    charts as Vega, and the script that draws them, by the library of the extra `report`
page.css, page.js

Charts are Vega-Lite, as plain dicts. All text of a run goes through `elements` or through JSON without a `<`; a name of a
parameter is never part of an expression, where fields have numbers. The same record gives the same bytes.
"""
