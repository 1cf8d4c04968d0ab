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
    const names = Object.keys(ranges).map(field => page.names[field.slice(1)]);
    $("count").textContent = plural(left) + " of " + plural(rows.length) + " trials" + (names.length ? " within the chosen " + names.join(", ") : "");
    $("clear").disabled = !names.length;
  }
  function brushed(field, value) {
    const range = value && Object.values(value)[0];
    if (range) ranges[field] = [Math.min(...range), Math.max(...range)]; else delete ranges[field];
    changed();
  }
  // The lists move the brush, and the brush does the rest.
  function picked(field) {
    const view = views["slice-" + field], scale = view.scale("x");
    const [from, to] = [...document.querySelectorAll(`select[data-field=${field}]`)].map(list => list.value);
    const ends = to === undefined ? from.split(" ").filter(Boolean).map(Number) : from || to ? [from || page.ends[field.slice(1)][0], to || page.ends[field.slice(1)][1]].map(Number) : [];
    const slack = to === undefined ? 0 : 1e-4;
    view.signal("brush_x", ends.length ? [scale(Math.min(...ends) - slack), scale(Math.max(...ends) + slack)] : []).runAsync();
  }
  function sort(head) {
    const i = heads.indexOf(head), sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    heads.forEach(other => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
    const key = new Map(rows.map(row => { const s = full(row.cells[i]); return [row, s === "" ? null : s.trim() === "" || isNaN(s) ? s : +s]; }));
    const order = v => typeof v === "number" ? 0 : v === null ? 2 : 1;  // numbers, then texts; none at the end
    rows.sort((p, q) => {
      const a = key.get(p), b = key.get(q);
      return order(a) - order(b) || (a === b ? 0 : sign * (a < b ? -1 : 1));
    });
    body.append(...rows);
  }

  for (const head of heads) head.firstElementChild.addEventListener("click", () => sort(head));
  for (const list of document.querySelectorAll("select")) list.addEventListener("change", () => picked(list.dataset.field));
  for (const over of document.querySelectorAll("input[name=over]")) over.addEventListener("change", () => views.history.signal("over", over.value).runAsync());
  $("more")?.addEventListener("click", () => { body.className = "all"; $("more").parentElement.hidden = true; });
  $("clear")?.addEventListener("click", () => {
    for (const list of document.querySelectorAll("select")) list.value = "";
    for (const field of Object.keys(ranges)) views["slice-" + field].signal("brush_x", []).runAsync();
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
