(() => {
  "use strict";
  const $ = id => document.getElementById(id);
  const page = JSON.parse($("data").textContent), views = {}, ranges = {};
  const body = document.querySelector("#trials tbody"), rows = [...body.rows], heads = [...document.querySelectorAll("#trials th")];
  const full = cell => cell.title || cell.textContent;
  const plural = n => n.toLocaleString("en");

  // Over a mark: the trial's row of the table with all digits, or the mark's own text.
  function tip(handler, event, item, value) {
    const box = $("tip"), row = value == null ? null : $("t" + value);
    box.hidden = value == null || value === "";
    if (box.hidden) return;
    const told = cell => cell.textContent && cell.title && cell.textContent.endsWith(")") ? cell.title + cell.textContent.replace(/^[^ ]* /, " ") : full(cell);
    box.textContent = row ? heads.map((head, i) => row.cells[i].textContent && head.textContent + "  " + told(row.cells[i])).filter(Boolean).join("\n") : value;
    box.style.left = Math.max(0, Math.min(event.clientX + 14, innerWidth - box.offsetWidth - 8)) + "px";
    box.style.top = Math.max(0, Math.min(event.clientY + 14, innerHeight - box.offsetHeight - 8)) + "px";
  }

  // One state: `ranges`, by field of a parameter. The charts follow at once, the table when it rests.
  let due = 0, rest = 0;
  function changed() {
    if (!due) due = requestAnimationFrame(() => {
      due = 0;
      for (const view of Object.values(views)) if ("ranges" in view.getState().signals) view.signal("ranges", {...ranges}).runAsync();
    });
    clearTimeout(rest);
    rest = setTimeout(filter, 100);
  }
  function filter() {
    const chosen = Object.entries(ranges).map(([field, range]) => [page.places[field.slice(1)], range]);
    let left = 0;
    for (const row of rows) {
      const at = page.at[row.id.slice(1)], inside = chosen.every(([places, [low, high]]) => low <= places[at] && places[at] <= high);
      row.classList.toggle("out", !inside);
      left += inside;
    }
    const names = Object.keys(ranges).map(inWords);
    $("count").textContent = plural(left) + " of " + plural(rows.length) + " trials" + (names.length ? ", within " + names.join("; ") : "");
    $("clear").disabled = !names.length;
  }
  // A chosen range in words: the parameter, and the lowest and the highest value that any trial has within it.
  function inWords(field) {
    const j = +field.slice(1), [low, high] = ranges[field], at = row => page.places[j][page.at[row.id.slice(1)]];
    const within = rows.filter(row => low <= at(row) && at(row) <= high).sort((p, q) => at(p) - at(q));
    const ends = within.length ? [within[0], within.at(-1)].map(row => row.cells[page.column + j].textContent || "not used") : ["none"];
    return page.names[j] + " " + [...new Set(ends)].join(" to ");
  }
  // The lists move the brush, the brush sets the range, and the lists show what it is.
  const SLACK = 1e-4, lists = field => [...document.querySelectorAll(`select[data-field=${field}]`)];
  function picked(field) {
    const view = views["slice-" + field], scale = view.scale("x"), limit = page.ends[field.slice(1)], chosen = lists(field).map(list => list.value);
    const ends = chosen.length === 1 ? chosen[0].split(" ").filter(Boolean).map(Number)
      : chosen.some(Boolean) ? chosen.map((value, end) => value === "dragged" ? ranges[field][end] : value ? +value + (end ? SLACK : -SLACK) : limit[end]) : [];
    view.signal("brush_x", ends.map(place => scale(place))).runAsync();
  }
  function brushed(field, value) {
    const range = value && Object.values(value)[0];
    if (range) ranges[field] = [Math.min(...range), Math.max(...range)]; else delete ranges[field];
    lists(field).forEach((list, end, both) => show(list, field, both.length > 1 ? end : null));
    changed();
  }
  // Of two lists `end` is 0 or 1, and neither offers what the other one leaves out.
  function show(list, field, end) {
    const range = ranges[field], now = !range ? [] : end === null ? range : [range[end]], options = [...list.options].filter(one => one.value !== "dragged");
    const places = value => value ? value.split(" ").map(Number) : range && end !== null ? [page.ends[field.slice(1)][end]] : [];
    const found = options.find(one => places(one.value).length === now.length && places(one.value).every((place, i) => Math.abs(place - now[i]) < 2 * SLACK));
    list.value = found ? found.value : "dragged";
    for (const one of options) one.disabled = !!range && end !== null && one.value !== "" && (end ? +one.value < range[0] - SLACK : +one.value > range[1] + SLACK);
  }
  function sort(head) {
    const i = heads.indexOf(head), other = {ascending: "descending", descending: "ascending"};
    const order = other[head.getAttribute("aria-sort")] || head.dataset.first || "ascending", sign = order === "ascending" ? 1 : -1;
    heads.forEach(one => one.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", order);
    const key = new Map(rows.map(row => { const s = full(row.cells[i]); return [row, s === "" ? null : s.trim() === "" || isNaN(s) ? s : +s]; }));
    const kind = v => typeof v === "number" ? 0 : v === null ? 2 : 1;  // numbers, then texts; none at the end
    rows.sort((p, q) => {
      const a = key.get(p), b = key.get(q);
      return kind(a) - kind(b) || (a === b ? 0 : sign * (a < b ? -1 : 1));
    });
    body.append(...rows);
  }

  for (const head of heads) head.firstElementChild.addEventListener("click", () => sort(head));
  for (const list of document.querySelectorAll("select")) list.addEventListener("change", () => picked(list.dataset.field));
  for (const over of document.querySelectorAll("input[name=over]")) over.addEventListener("change", () => views.history.signal("over", over.value).runAsync());
  $("more")?.addEventListener("click", () => { body.className = "all"; $("more").parentElement.hidden = true; $("trials").parentElement.focus(); });
  $("clear")?.addEventListener("click", () => {
    for (const field of Object.keys(ranges)) views["slice-" + field].signal("brush_x", []).runAsync();
    $("count").focus();  // the button is switched off
  });
  Promise.all(Object.entries(page.charts).map(async ([name, chart]) => {
    for (const data of chart.data) if (page.data[data.name]) data.values = page.data[data.name].map(row => ({...row}));
    const options = {mode: "vega", ast: true, renderer: "svg", actions: false, defaultStyle: false, hover: false, tooltip: tip};
    const {view} = await vegaEmbed($(name), chart, options);
    views[name] = view;
    if (name.startsWith("slice-")) view.addSignalListener("brush", (_, value) => brushed(name.slice(6), value));
  })).then(() => {
    if ($("count")) filter();
    requestAnimationFrame(() => setTimeout(() => { document.body.dataset.drawn = Math.round(performance.now()); }));
  });
})();
