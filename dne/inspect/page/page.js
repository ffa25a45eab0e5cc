// SPDX-License-Identifier: MIT
// The page of dne inspect (docs/inspect.md). It asks its own server for JSON and draws. A view is
// drawn by a pen, on the screen or into an SVG file, so what is exported is what is seen.
"use strict";

// --- Small tools ---------------------------------------------------------------------------------

const $ = (id) => document.getElementById(id);

// An element with properties and children; texts are never taken for HTML.
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function setOptions(select, options) {  // [[value, text], ...]; keeps what is chosen
  if (select.dataset.options === JSON.stringify(options)) return;
  select.dataset.options = JSON.stringify(options);
  const chosen = new Set([...select.selectedOptions].map((option) => option.value));
  select.replaceChildren(...options.map(([value, text]) =>
    make("option", { value, textContent: text, selected: chosen.has(value) })));
}

async function ask(address, query = {}) {
  const words = new URLSearchParams(query).toString();
  const response = await fetch(words ? `${address}?${words}` : address);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

function number(value) {
  if (value === null || value === undefined) return "";
  if (Number.isInteger(value)) return value.toLocaleString("en");
  return Math.abs(value) >= 1e6 || Math.abs(value) < 1e-3 ? value.toExponential(3)
    : String(Number(value.toPrecision(6)));
}

function save(name, type, content) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

const escaped = (text) => String(text).replace(/[&<>"]/g,
  (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

const csvCell = (value) => {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
const csvOf = ({ head, rows }) => [head, ...rows].map((row) => row.map(csvCell).join(",")).join("\n") + "\n";

// --- Pens ----------------------------------------------------------------------------------------

class CanvasPen {
  constructor(context) { this.context = context; }
  line(points, colour, width = 1, dash = []) {
    const c = this.context;
    c.beginPath();
    points.forEach(([x, y], i) => (i ? c.lineTo(x, y) : c.moveTo(x, y)));
    c.strokeStyle = colour; c.lineWidth = width; c.setLineDash(dash); c.stroke();
  }
  disc(x, y, radius, fill, stroke = null) {
    const c = this.context;
    c.beginPath(); c.arc(x, y, radius, 0, 2 * Math.PI);
    if (fill) { c.fillStyle = fill; c.fill(); }
    if (stroke) { c.setLineDash([]); c.strokeStyle = stroke; c.lineWidth = 2; c.stroke(); }
  }
  rect(x, y, width, height, fill) {
    this.context.fillStyle = fill; this.context.fillRect(x, y, width, height);
  }
  text(x, y, text, { anchor = "start", up = false, size = 12 } = {}) {
    const c = this.context;
    c.save(); c.translate(x, y);
    if (up) c.rotate(-Math.PI / 2);
    c.fillStyle = "#333"; c.font = `${size}px sans-serif`;
    c.textAlign = anchor === "middle" ? "center" : anchor;
    c.fillText(text, 0, 0); c.restore();
  }
  clip(box, draw) {
    const c = this.context;
    c.save(); c.beginPath(); c.rect(box.x, box.y, box.width, box.height); c.clip(); draw(); c.restore();
  }
}

class SvgPen {
  constructor() { this.parts = []; this.clips = 0; }
  line(points, colour, width = 1, dash = []) {
    const path = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
    this.parts.push(`<polyline fill="none" stroke="${colour}" stroke-width="${width}"` +
      `${dash.length ? ` stroke-dasharray="${dash.join(" ")}"` : ""} points="${path}"/>`);
  }
  disc(x, y, radius, fill, stroke = null) {
    this.parts.push(`<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius}" ` +
      `fill="${fill || "none"}"${stroke ? ` stroke="${stroke}" stroke-width="2"` : ""}/>`);
  }
  rect(x, y, width, height, fill) {
    this.parts.push(`<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${width.toFixed(1)}" ` +
      `height="${height.toFixed(1)}" fill="${fill}"/>`);
  }
  text(x, y, text, { anchor = "start", up = false, size = 12 } = {}) {
    this.parts.push(`<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-family="sans-serif" ` +
      `font-size="${size}" fill="#333" text-anchor="${anchor}"` +
      `${up ? ` transform="rotate(-90 ${x.toFixed(1)} ${y.toFixed(1)})"` : ""}>${escaped(text)}</text>`);
  }
  clip(box, draw) {
    const id = `clip${++this.clips}`;
    this.parts.push(`<clipPath id="${id}"><rect x="${box.x}" y="${box.y}" width="${box.width}" ` +
      `height="${box.height}"/></clipPath><g clip-path="url(#${id})">`);
    draw();
    this.parts.push("</g>");
  }
  finish(width, height, title) {
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
      `viewBox="0 0 ${width} ${height}">\n<title>${escaped(title)}</title>\n` +
      `<rect width="100%" height="100%" fill="white"/>\n${this.parts.join("\n")}\n</svg>\n`;
  }
}

// draw(pen, width, height) fills the canvas, at the screen's own resolution.
function paint(canvas, draw) {
  const { width, height } = canvas.getBoundingClientRect();
  if (!width) return;
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  draw(new CanvasPen(context), width, height);
}

function addExports(place, name, canvas, draw, table) {
  const button = (text, title, action) =>
    place.append(make("button", { type: "button", textContent: text, title, onclick: action }));
  if (canvas) {
    button("SVG", "Save this view as SVG", () => {
      const { width, height } = canvas.getBoundingClientRect();
      const pen = new SvgPen();
      draw(pen, width, height);
      save(`${name}.svg`, "image/svg+xml", pen.finish(Math.round(width), Math.round(height), name));
    });
    button("PNG", "Save this view as PNG", () =>
      canvas.toBlob((blob) => save(`${name}.png`, "image/png", blob), "image/png"));
  }
  button("CSV", "Save the numbers as CSV", () => save(`${name}.csv`, "text/csv", csvOf(table())));
}

// --- Charts --------------------------------------------------------------------------------------

const RUN_COLOURS = ["#1a5fb4", "#c64600", "#26883a", "#813d9c", "#8a6d00", "#a51d2d", "#00768a", "#5e5c64"];
const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3], [1, 6]];
const VIRIDIS = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];

function colourOf(share, alpha = 1) {
  const at = Math.min(Math.max(share, 0), 1) * (VIRIDIS.length - 1);
  const i = Math.min(Math.floor(at), VIRIDIS.length - 2);
  const mix = VIRIDIS[i].map((from, k) => Math.round(from + (VIRIDIS[i + 1][k] - from) * (at - i)));
  return alpha === 1 ? `rgb(${mix})` : `rgba(${mix},${alpha})`;
}

function extentOf(values) {
  let low = Infinity, high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 1];
}

function widened([low, high], share = 0.04) {
  const more = (high - low || Math.abs(high) || 1) * share;
  return [low - more, high + more];
}

function ticksOf([low, high], most) {
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const ticks = [];
  for (let i = Math.ceil(low / step); i * step <= high; ++i) ticks.push(i * step);
  return ticks;
}

function tickText(value) {
  const size = Math.abs(value);
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(4))} M`;
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(4))} k`;
  return String(Number(value.toPrecision(4)));
}

// Axes with their names; returns the box and where numbers lie in it. `equal`: a unit is as long
// across as up. `down`: the second axis points down.
function drawAxes(pen, width, height, xs, ys, names, { equal = false, down = false, right = 12 } = {}) {
  const box = { x: 62, y: 12, width: Math.max(width - 62 - right, 10), height: Math.max(height - 58, 10) };
  let xRange = xs, yRange = ys;
  if (equal) {
    const unit = Math.max((xs[1] - xs[0]) / box.width, (ys[1] - ys[0]) / box.height);
    const around = ([low, high], length) =>
      [(low + high - unit * length) / 2, (low + high + unit * length) / 2];
    xRange = around(xs, box.width);
    yRange = around(ys, box.height);
  }
  const x = (value) => box.x + (value - xRange[0]) / (xRange[1] - xRange[0]) * box.width;
  const y = (value) => {
    const share = (value - yRange[0]) / (yRange[1] - yRange[0]);
    return box.y + (down ? share : 1 - share) * box.height;
  };
  for (const tick of ticksOf(xRange, Math.max(2, box.width / 90))) {
    pen.line([[x(tick), box.y], [x(tick), box.y + box.height]], "#e6e8eb");
    pen.text(x(tick), box.y + box.height + 16, tickText(tick), { anchor: "middle" });
  }
  for (const tick of ticksOf(yRange, Math.max(2, box.height / 50))) {
    pen.line([[box.x, y(tick)], [box.x + box.width, y(tick)]], "#e6e8eb");
    pen.text(box.x - 6, y(tick) + 4, tickText(tick), { anchor: "end" });
  }
  pen.line([[box.x, box.y], [box.x, box.y + box.height], [box.x + box.width, box.y + box.height]], "#888");
  pen.text(box.x + box.width / 2, height - 8, names[0], { anchor: "middle" });
  pen.text(14, box.y + box.height / 2, names[1], { anchor: "middle", up: true });
  return { box, x, y };
}

function drawScale(pen, width, height, [low, high], name) {
  const x = width - 58, top = 34, length = Math.max(height - 110, 20), steps = 40;
  for (let i = 0; i < steps; ++i) {
    pen.rect(x, top + length * i / steps, 12, length / steps + 0.6, colourOf(1 - i / (steps - 1)));
  }
  pen.text(x + 15, top + 9, tickText(high), { size: 11 });
  pen.text(x + 15, top + length, tickText(low), { size: 11 });
  pen.text(x, top - 8, name, { size: 11 });
}

function floorExtent(floor) {
  const xs = [], ys = [];
  for (const [x, y, a, b] of floor.rectangles) { xs.push(x - a, x + a); ys.push(y - b, y + b); }
  for (const [x, y, a, b] of floor.segments) { xs.push(x, a); ys.push(y, b); }
  for (const place of [floor.start, floor.goal]) if (place) { xs.push(place[0]); ys.push(place[1]); }
  return [xs, ys];
}

function drawFloor(pen, floor, { x, y }) {
  for (const [cx, cy, a, b] of floor.rectangles) {
    pen.rect(x(cx - a), Math.min(y(cy - b), y(cy + b)), x(cx + a) - x(cx - a),
             Math.abs(y(cy + b) - y(cy - b)), "#b5b8bd");
  }
  for (const [ax, ay, bx, by] of floor.segments) pen.line([[x(ax), y(ay)], [x(bx), y(by)]], "#222", 2.5);
  if (floor.start) pen.disc(x(floor.start[0]), y(floor.start[1]), 7, "#cfd3d8", "#888");
  if (floor.goal) pen.disc(x(floor.goal[0]), y(floor.goal[1]), 7, "#66cc66", "#2a7a2a");
}

// --- What is known -------------------------------------------------------------------------------

let runs = [];
const runName = (i) => runs[i].name.replace(/\/+$/, "").split("/").pop() || runs[i].name;
const isShown = (name) => !$(`view-${name}`).hidden;

// --- View: curves --------------------------------------------------------------------------------

const curves = {
  lines: [],  // {run, metric, x, y}
  turn: 0,    // of the update that was begun last
  fill() {
    const metrics = [...new Set(runs.flatMap((run) => Object.keys(run.metrics)))].sort();
    const select = $("curve-metrics");
    setOptions(select, metrics.map((name) => [name, name]));
    if (!select.selectedOptions.length && metrics.length) {
      const first = ["elite_validation", "fitness_max"].find((name) => metrics.includes(name)) || metrics[0];
      select.value = first;
    }
    setOptions($("curve-against"), [["generation", "generation"],
      ...metrics.filter((name) => /_total$|^wall_seconds$/.test(name)).map((name) => [name, name])]);
  },
  async update() {
    this.fill();
    const metrics = [...$("curve-metrics").selectedOptions].map((option) => option.value);
    const against = $("curve-against").value || "generation";
    const wanted = runs.flatMap((_, run) => metrics.map((metric) => ({ run, metric })));
    const turn = ++this.turn;
    const lines = await Promise.all(wanted.map(async ({ run, metric }) =>
      ({ run, metric, ...await ask("api/curves", { run, metric, against }) })));
    if (turn !== this.turn) return;  // something else was chosen meanwhile
    this.lines = lines;
    this.paint();
  },
  paint() { paint($("canvas-curves"), (...where) => this.draw(...where)); },
  draw(pen, width, height) {
    const metrics = [...new Set(this.lines.map((line) => line.metric))];
    const xs = widened(extentOf(this.lines.flatMap((line) => line.x)), 0.01);
    const ys = widened(extentOf(this.lines.flatMap((line) => line.y)));
    const axes = drawAxes(pen, width, height, xs, ys, [$("curve-against").value, metrics.join(", ")]);
    pen.clip(axes.box, () => {
      for (const { run, metric, x, y } of this.lines) {
        const points = x.map((value, i) => [axes.x(value), axes.y(y[i])]);
        const colour = RUN_COLOURS[run % RUN_COLOURS.length];
        if (points.length === 1) pen.disc(...points[0], 3, colour);
        pen.line(points, colour, 1.8, DASHES[metrics.indexOf(metric) % DASHES.length]);
      }
    });
    this.lines.forEach(({ run, metric }, i) => {
      const y = axes.box.y + 16 + 17 * i, x = axes.box.x + 12;
      pen.line([[x, y - 4], [x + 26, y - 4]], RUN_COLOURS[run % RUN_COLOURS.length], 2.5,
               DASHES[metrics.indexOf(metric) % DASHES.length]);
      pen.text(x + 32, y, metrics.length > 1 ? `${runName(run)}: ${metric}` : runName(run));
    });
  },
  table() {
    return { head: ["run", "metric", $("curve-against").value, "value"],
             rows: this.lines.flatMap(({ run, metric, x, y }) =>
               x.map((value, i) => [runs[run].name, metric, value, y[i]])) };
  },
};

// Of places [x, y, row] on the screen, the row to the left or right of the chosen one, above or
// below; null: the key is no arrow.
function stepTo(event, places, chosen) {
  const axis = { ArrowLeft: 0, ArrowRight: 0, ArrowUp: 1, ArrowDown: 1 }[event.key];
  if (axis === undefined || !places.length) return null;
  event.preventDefault();
  const order = places.slice().sort((a, b) => a[axis] - b[axis] || a[2] - b[2]);
  const at = order.findIndex((place) => place[2] === chosen);
  const step = event.key === "ArrowLeft" || event.key === "ArrowUp" ? -1 : 1;
  const next = at < 0 ? (step > 0 ? 0 : order.length - 1) : Math.min(Math.max(at + step, 0), order.length - 1);
  return order[next][2];
}

// --- View: individuals as points -----------------------------------------------------------------

const points = {
  data: null,     // columns, as the server has them
  centres: null,  // of the centres alone, in the round that validates them
  chosen: -1,     // a row of `data`
  places: [],     // of the rows on the screen
  turn: 0,        // of the update that was begun last
  fill() {
    const list = runs.map((_, i) => [String(i), runName(i)]);
    setOptions($("points-run"), list);
    const run = this.run();
    const number = (i) => run.behaviour === "bytes" ? `byte ${i} (0x${i.toString(16)})` : `behaviour ${i}`;
    const coordinates = [["generation", "generation"], ["fitness", "fitness"], ["steps", "steps"]];
    if (run.behaviour_size > 2) coordinates.push(["p1", "projection 1"], ["p2", "projection 2"]);
    for (let i = 0; i < run.behaviour_size; ++i) coordinates.push([`b${i}`, number(i)]);
    for (const id of ["points-x", "points-y"]) {
      const isNew = $(id).dataset.options !== JSON.stringify(coordinates);
      setOptions($(id), coordinates);
      if (!isNew) continue;
      const [x, y] = run.behaviour_size > 2 && !run.floor ? ["p1", "p2"]
        : run.behaviour_size >= 2 ? ["b0", "b1"] : run.behaviour_size === 1 ? ["b0", "fitness"]
        : ["generation", "fitness"];
      $(id).value = id === "points-x" ? x : y;
    }
  },
  run() { return runs[Number($("points-run").value || 0)]; },
  isFloor() {
    return this.run().floor && $("points-x").value === "b0" && $("points-y").value === "b1";
  },
  // The rows since the last time, or all of them where the server thins otherwise now.
  async fetch(before, round) {
    const query = { run: $("points-run").value || 0, round, x: $("points-x").value, y: $("points-y").value };
    const key = JSON.stringify(query);
    if (before && before.key === key) {
      Object.assign(query, { from: before.finished, generation_stride: before.generation_stride,
                             trial_stride: before.trial_stride });
    }
    const answer = await ask("api/points", query);
    answer.key = key;
    if (before && before.key === key && answer.from === before.finished && answer.from > 0) {
      for (const column of ["individual", "generation", "fitness", "centre", "x", "y"]) {
        answer[column] = before[column].concat(answer[column]);
      }
    }
    return answer;
  },
  async update() {
    if (!runs.length) return;
    this.fill();
    const turn = ++this.turn;
    const data = await this.fetch(this.data, $("points-round").value);
    const centres = this.run().centres ? await this.fetch(this.centres, "validate") : null;
    if (turn !== this.turn) return;  // something else was chosen meanwhile
    if (!this.data || data.key !== this.data.key) this.chosen = -1;
    Object.assign(this, { data, centres });
    const slider = $("points-generation");
    const wasLast = slider.value === slider.max;
    slider.max = Math.max(0, data.finished - 1);
    slider.step = data.generation_stride;
    if (wasLast) slider.value = slider.max;
    const every = (stride, what) => stride > 1 ? `each ${stride}th ${what}` : `every ${what}`;
    $("points-thinning").textContent = `${number(data.individual.length)} points: ` +
      `${every(data.trial_stride, "individual")} of ${every(data.generation_stride, "generation")}` +
      `${data.x.some((value) => value === null) ? "; some have no such coordinate" : ""}.`;
    this.paint();
  },
  shows(i) {
    return !$("points-single").checked || this.data.generation[i] === Number($("points-generation").value);
  },
  paint() {
    const single = $("points-single").checked;
    $("points-generation").disabled = !single;
    $("points-shown").textContent = single ? $("points-generation").value : "all";
    paint($("canvas-points"), (...where) => this.draw(...where, true));
  },
  draw(pen, width, height, isScreen = false) {
    const { data, centres } = this;
    if (!data) return;
    const floor = this.isFloor() ? this.run().floor : null;
    const [floorX, floorY] = floor ? floorExtent(floor) : [[], []];
    const also = centres ? centres.x.map((_, i) => i).filter((i) => this.isPath(i)) : [];
    const xs = widened(extentOf([...data.x, ...floorX, ...also.map((i) => centres.x[i])]));
    const ys = widened(extentOf([...data.y, ...floorY, ...also.map((i) => centres.y[i])]));
    const nameOf = (id) => $(id).selectedOptions[0].textContent + (floor ? `, ${floor.unit}` : "");
    const axes = drawAxes(pen, width, height, xs, ys, [nameOf("points-x"), nameOf("points-y")],
      { equal: Boolean(floor), down: Boolean(floor) && floor.y_points_down, right: 74 });
    const [low, high] = extentOf(data.fitness);
    const order = data.fitness.map((_, i) => i).filter((i) => this.shows(i));
    order.sort((a, b) => data.fitness[a] - data.fitness[b] || a - b);  // the best on top
    const size = order.length > 5000 ? 2 : order.length > 500 ? 2.6 : 3.6;
    const places = [];
    pen.clip(axes.box, () => {
      if (floor) drawFloor(pen, floor, axes);
      for (const i of order) {
        if (data.x[i] === null || data.y[i] === null) continue;
        const place = [axes.x(data.x[i]), axes.y(data.y[i]), i];
        places.push(place);
        const share = high > low ? (data.fitness[i] - low) / (high - low) : 0.5;
        pen.disc(place[0], place[1], size, colourOf(share, centres ? 0.55 : 0.8));
      }
      if (centres) this.drawPaths(pen, axes, also);
      const chosen = places.find((place) => place[2] === this.chosen);
      if (chosen) pen.disc(chosen[0], chosen[1], size + 4, null, "#e01b24");
    });
    drawScale(pen, width, height, [low, high], "fitness");
    if (isScreen) this.places = places;
  },
  isPath(i) {
    const { centres } = this;
    return centres.individual[i].includes("c") && centres.x[i] !== null && centres.y[i] !== null;
  },
  // Each centre's way from generation to generation.
  drawPaths(pen, axes, rows) {
    const { centres } = this;
    const until = $("points-single").checked ? Number($("points-generation").value) : Infinity;
    for (const member of new Set(rows.map((i) => centres.centre[i]))) {
      const way = rows.filter((i) => centres.centre[i] === member && centres.generation[i] <= until)
        .map((i) => [axes.x(centres.x[i]), axes.y(centres.y[i])]);
      if (!way.length) continue;
      const colour = RUN_COLOURS[member % RUN_COLOURS.length];
      pen.line(way, "white", 4);
      pen.line(way, colour, 2);
      pen.disc(...way[way.length - 1], 5, colour, "white");
      pen.text(way[way.length - 1][0] + 8, way[way.length - 1][1] - 6, `centre ${member}`);
    }
  },
  choose(i) {
    this.chosen = i;
    const { data } = this;
    $("points-chosen").textContent = i < 0 ? "" :
      `Individual ${data.individual[i]}: fitness ${number(data.fitness[i])}, at ` +
      `(${number(data.x[i])}, ${number(data.y[i])}). Enter opens it.`;
    this.paint();
  },
  nearest(x, y, reach) {
    let best = null, least = reach * reach;
    for (const place of this.places) {
      const distance = (place[0] - x) ** 2 + (place[1] - y) ** 2;
      if (distance <= least) { least = distance; best = place; }
    }
    return best;
  },
  click(event) {
    const place = this.nearest(event.offsetX, event.offsetY, 14);
    if (!place) return;
    this.choose(place[2]);
    this.open();
  },
  key(event) {
    if (event.key === "Enter" && this.chosen >= 0) { this.open(); return; }
    const next = stepTo(event, this.places, this.chosen);
    if (next !== null) this.choose(next);
  },
  open() { individual.show(Number($("points-run").value), this.data.individual[this.chosen]); },
  table() {
    const { data } = this;
    return { head: ["individual", "generation", "fitness", $("points-x").value, $("points-y").value],
             rows: data.individual.map((name, i) =>
               [name, data.generation[i], data.fitness[i], data.x[i], data.y[i]]) };
  },
};

// --- View: the archive of MAP-Elites -------------------------------------------------------------

const archive = {
  data: null,
  places: [],  // of the cells on the screen: across, up, the row of `data`
  chosen: -1,  // a row of `data`
  turn: 0,     // of the update that was begun last
  run() { return Number($("archive-run").value || 0); },
  async update() {
    setOptions($("archive-run"), runs.map((run, i) => [String(i), runName(i)])
      .filter((_, i) => runs[i].has_archive));
    const turn = ++this.turn;
    const run = this.run();
    for (;;) {  // a long run's is read by and by
      const data = await ask("api/archive", { run });
      if (turn !== this.turn) return;  // something else was chosen meanwhile
      this.show(run, data);
      if (data.generations >= data.finished) return;
    }
  },
  show(run, data) {
    const opened = this.chosen >= 0 && this.data.run === run ? this.data.individual[this.chosen] : null;
    this.data = { ...data, run };
    this.chosen = opened === null ? -1 : data.individual.indexOf(opened);
    const axes = data.axes.map((axis, i) => [String(i), axis.name]);
    for (const [id, first] of [["archive-x", 0], ["archive-y", Math.min(1, axes.length - 1)]]) {
      const isNew = $(id).dataset.options !== JSON.stringify(axes);
      setOptions($(id), axes);
      if (isNew) $(id).value = String(first);
    }
    $("archive-size").textContent = `${number(data.individual.length)} cells are filled, ` +
      `${number(100 * data.coverage)} % of all; QD score ${number(data.qd_score)}.` +
      (data.generations < data.finished
        ? ` Read so far: ${number(data.generations)} of ${number(data.finished)} generations.` : "");
    this.paint();
  },
  // The best row of each cell of the two axes; where they are one axis, of each of its cells.
  shown() {
    const { data } = this;
    const [across, up] = [Number($("archive-x").value), Number($("archive-y").value)];
    const best = new Map();
    data.cell.forEach((cell, i) => {
      const place = `${cell[across]} ${across === up ? 0 : cell[up]}`;
      if (!best.has(place) || data.fitness[i] > data.fitness[best.get(place)]) best.set(place, i);
    });
    return [...best].map(([place, i]) => [...place.split(" ").map(Number), i]);
  },
  paint() { paint($("canvas-archive"), (...where) => this.draw(...where, true)); },
  draw(pen, width, height, isScreen = false) {
    const { data } = this;
    if (!data) return;
    const across = data.axes[Number($("archive-x").value)];
    const isLine = $("archive-x").value === $("archive-y").value;
    const up = isLine ? { name: "", lower: 0, upper: 1, cells: 1 } : data.axes[Number($("archive-y").value)];
    const down = Boolean(runs[data.run].floor && runs[data.run].floor.y_points_down);
    const axes = drawAxes(pen, width, height, [across.lower, across.upper], [up.lower, up.upper],
                          [across.name, up.name], { down, right: 74 });
    const edge = (axis, i) => axis.lower + (axis.upper - axis.lower) * i / axis.cells;
    const [low, high] = extentOf(data.fitness);
    const places = [];
    let chosen = null;
    for (const [i, k, row] of this.shown()) {
      const [left, right] = [axes.x(edge(across, i)), axes.x(edge(across, i + 1))];
      const [one, other] = [axes.y(edge(up, k)), axes.y(edge(up, k + 1))];
      const top = Math.min(one, other);
      const share = high > low ? (data.fitness[row] - low) / (high - low) : 0.5;
      pen.rect(left, top, right - left, Math.abs(one - other), colourOf(share));
      places.push([(left + right) / 2, (one + other) / 2, row, right - left, Math.abs(one - other)]);
      if (row === this.chosen) chosen = places[places.length - 1];
    }
    if (chosen) pen.disc(chosen[0], chosen[1], Math.max(5, Math.min(chosen[3], chosen[4]) / 2), null, "#e01b24");
    drawScale(pen, width, height, [low, high], "fitness");
    if (isScreen) this.places = places;
  },
  choose(row) {
    this.chosen = row;
    const { data } = this;
    const where = data.axes.map((axis, i) => `${axis.name} ${data.cell[row][i]}`).join(", ");
    $("archive-chosen").textContent = `Cell ${where}: individual ${data.individual[row]}, fitness ` +
      `${number(data.fitness[row])}. Enter opens it.`;
    this.paint();
  },
  click(event) {
    const place = this.places.find(([x, y, , width, height]) =>
      Math.abs(event.offsetX - x) <= width / 2 && Math.abs(event.offsetY - y) <= height / 2);
    if (!place) return;
    this.choose(place[2]);
    this.open();
  },
  key(event) {
    if (event.key === "Enter" && this.chosen >= 0) { this.open(); return; }
    const next = stepTo(event, this.places, this.chosen);
    if (next !== null) this.choose(next);
  },
  open() { individual.show(this.data.run, this.data.individual[this.chosen]); },
  table() {
    const { data } = this;
    return { head: ["individual", ...data.axes.map((axis) => `${axis.name}_cell`), "fitness"],
             rows: data.individual.map((name, i) => [name, ...data.cell[i], data.fitness[i]]) };
  },
};

// --- View: runs ----------------------------------------------------------------------------------

const runsView = {
  update() {
    const { head, rows } = this.table();
    $("runs-table").replaceChildren(tableOf({ head, rows: rows.map((row) => row.map((cell) =>
      typeof cell === "number" ? number(cell) : cell)) }));
    if ($("runs-configurations").childElementCount === runs.length) return;
    $("runs-configurations").replaceChildren(...runs.map((run) => make("details", {},
      make("summary", { textContent: `Configuration of ${run.name}` }),
      make("pre", { textContent: run.config }))));
  },
  table() {
    return { head: ["run", "experiment", "environment", "algorithm", "seed", "generations", "bytes",
                    "elite, validation", "steps", "begun", "dne", "machine"],
             rows: runs.map((run) => [run.name, run.experiment, run.environment, run.algorithm, run.seed,
               run.generations, run.size, run.metrics.elite_validation, run.metrics.steps_total,
               run.created, run.dne, run.machine]) };
  },
};

function tableOf({ head, rows }) {
  return make("div", { className: "scroll" }, make("table", {},
    make("thead", {}, make("tr", {}, ...head.map((text) => make("th", { scope: "col", textContent: text })))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((cell) =>
      make("td", {}, cell === null || cell === undefined ? "" : cell)))))));
}

// --- An individual -------------------------------------------------------------------------------

const individual = {
  run: 0,
  data: null,
  async show(run, address) {
    this.run = run;
    $("individual-run").value = String(run);
    $("individual-address").value = address;
    const body = $("individual-body");
    try {
      this.data = await ask("api/individual", { run, individual: address });
    } catch (error) {
      body.replaceChildren(make("p", { className: "error", role: "alert", textContent: error.message }));
      return;
    }
    $("individual-hint").hidden = true;
    $("individual-title").textContent =
      `${this.data.is_centre ? "Centre" : "Individual"} ${this.data.individual} of ${runName(run)}`;
    body.replaceChildren(...this.scores(), ...this.episodes(), ...this.ancestry(), ...this.genome());
    paint($("canvas-ancestry"), (...where) => this.draw(...where));
    $("individual-title").focus({ preventScroll: true });
  },
  link(address) {
    const run = this.run;
    return make("button", { type: "button", className: "link", textContent: address,
                            onclick: () => this.show(run, address) });
  },
  scores() {
    const { data } = this;
    const some = data.behaviour.length > 8;
    const behaviour = data.behaviour.map(number).join(", ");
    const rows = [["fitness", number(data.fitness)], ["steps", number(data.steps)],
                  ["mutations", number(data.ancestry.length - 1)],
                  ["behaviour", some ? make("details", {}, make("summary", {
                    textContent: `${data.behaviour.length} numbers` }), make("code", { textContent: behaviour }))
                    : behaviour]];
    return [make("table", {}, make("tbody", {}, ...rows.map(([name, value]) =>
      make("tr", {}, make("th", { scope: "row", textContent: name }), make("td", {}, value)))))];
  },
  episodes() {
    const { data, run } = this;
    if (!data.episodes.length) return [];
    const film = (episode, slot, text) => make("button", {
      type: "button", textContent: text, title: `Show the film of this episode on the ${slot.side}`,
      onclick: () => slot.show(run, data.individual, episode) });
    const rows = data.episodes.map((episode, i) => [
      `${number(episode.score)}${episode.typical && data.episodes.length > 1 ? " (median)" : ""}`,
      number(episode.steps), episode.end,
      runs[run].has_films ? make("span", {}, film(i, filmA, "left"), " ", film(i, filmB, "right")) : ""]);
    const exports = make("span", { className: "exports" });
    addExports(exports, `episodes-${data.individual}`, null, null, () => ({
      head: ["noops", "seed", "score", "steps", "end"],
      rows: data.episodes.map((e) => [e.noops, e.seed, e.score, e.steps, e.end]) }));
    return [make("div", { className: "controls" }, make("h3", { textContent: "Episodes" }), exports),
            tableOf({ head: ["score", "steps", "end", "film"], rows })];
  },
  ancestry() {
    const { data } = this;
    const exports = make("span", { className: "exports" });
    const canvas = make("canvas", { id: "canvas-ancestry", className: "small picture" });
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", "The ancestry as a tree: generations across, fitness up; the list below says the same");
    addExports(exports, `ancestry-${data.individual}`, canvas, (...where) => this.draw(...where), () => ({
      head: ["individual", "fitness", "sigma"],
      rows: data.ancestry.map((a) => [a.individual, a.fitness, a.sigma]) }));
    const entry = (a, text = "") => [this.link(a.individual), ` ${number(a.fitness)}${text}`];
    const lines = data.ancestry.map((a, i) => make("li", {}, ...entry(a, i ? `, sigma ${number(a.sigma)}` : ""),
      ...(a.siblings && a.siblings.length ? [make("ul", {}, ...a.siblings.map((s) =>
        make("li", {}, "sibling ", ...entry(s))),
        ...(a.num_siblings > a.siblings.length ? [make("li", {
          textContent: `and ${number(a.num_siblings - a.siblings.length)} siblings more` })] : []))] : [])));
    lines.reverse();
    const children = data.num_children ? [make("h3", { textContent: `Children in the next generation: ` +
      `${number(data.num_children)}` }), make("ul", { className: "tree" },
      ...data.children.map((c) => make("li", {}, ...entry(c))))] : [];
    return [make("div", { className: "controls" }, make("h3", { textContent: "Ancestry" }), exports), canvas,
            make("div", { className: "scroll" }, make("ul", { className: "tree" }, ...lines)), ...children];
  },
  draw(pen, width, height) {
    const { data } = this;
    const generation = (name) => Number(name.split(".")[0]);
    const all = [...data.ancestry, ...data.ancestry.flatMap((a) => a.siblings || []), ...data.children];
    const known = all.filter((a) => a.fitness !== null);
    const ys = widened(extentOf(known.map((a) => a.fitness)), 0.1);
    const axes = drawAxes(pen, width, height, widened(extentOf(all.map((a) => generation(a.individual)))), ys,
                          ["generation", "fitness"]);
    const place = (a) => [axes.x(generation(a.individual)), axes.y(a.fitness === null ? ys[0] : a.fitness)];
    data.ancestry.forEach((a, i) => {
      for (const sibling of a.siblings || []) {
        pen.line([place(data.ancestry[i - 1]), place(sibling)], "#c3c7cc");
        pen.disc(...place(sibling), 2.5, "#9aa0a6");
      }
    });
    const self = data.ancestry[data.ancestry.length - 1];
    for (const child of data.children) {
      pen.line([place(self), place(child)], "#9cc3e6");
      pen.disc(...place(child), 3, "#3584e4");
    }
    pen.line(data.ancestry.map(place), "#1d1f23", 1.8);
    for (const a of data.ancestry) pen.disc(...place(a), a === self ? 5 : 3, a === self ? "#e01b24" : "#1d1f23");
  },
  genome() {
    const { data } = this;
    return [make("h3", { textContent: `Genome, ${number(data.genome_bytes)} bytes` }),
            make("div", { className: "scroll" }, make("code", { textContent: data.genome }))];
  },
};

// --- Films ---------------------------------------------------------------------------------------

class FilmSlot {
  constructor(id, side) {
    this.place = $(id);
    this.side = side;
    this.turn = 0;  // of the film that was asked for last
    this.place.append(make("p", { className: "note", textContent: `No film on the ${side} yet.` }));
  }
  say(text, isError = false) {
    this.place.replaceChildren(make("p", { className: isError ? "error" : "note",
                                           role: isError ? "alert" : "status", textContent: text }));
  }
  async show(run, address, episode) {
    const turn = ++this.turn;
    this.stop();
    $("films").hidden = false;
    const title = `${runName(run)}, ${address}`;
    this.say(`${title}: the film is asked for.`);
    try {
      for (;;) {
        const answer = await ask("api/film", { run, individual: address, episode });
        if (turn !== this.turn) return;
        if (answer.stage === "failed") throw new Error(answer.error);
        if (answer.stage === "ready") return this.fill(run, title, answer);
        this.say(`${title}: ${answer.stage}, step ${number(answer.steps)} of ${number(answer.of_steps)}.`);
        await new Promise((resolve) => setTimeout(resolve, 300));
        if (turn !== this.turn) return;
      }
    } catch (error) {
      if (turn === this.turn) this.say(error.message, true);
    }
  }
  fill(run, title, { film, video }) {
    const head = make("p", { textContent: `${title}: score ${number(film.score)} after ` +
      `${number(film.steps)} steps${film.matches ? "" : "; it differs from the recorded episode"}` });
    this.place.replaceChildren(head);
    if (video) {
      const player = make("video", { src: video, controls: true, muted: true, loop: true, playsInline: true });
      player.setAttribute("aria-label", `Film of ${title}`);
      this.place.append(player);
    } else if (film.why_no_video) {
      this.place.append(make("p", { className: "note", textContent: `No video: ${film.why_no_video}` }));
    }
    if (film.places && film.places[0].length) this.addPath(run, title, film.places);
  }
  // The way over the floor, or of one number, with a player of its own.
  addPath(run, title, places) {
    const floor = runs[run].floor;
    const isPlane = places[0].length > 1;
    const path = places.map((p, i) => isPlane ? [p[0], p[1]] : [i, p[0]]);
    const slider = make("input", { type: "range", min: 0, max: path.length - 1, value: path.length - 1 });
    slider.setAttribute("aria-label", `Step of the film of ${title}`);
    const canvas = make("canvas", { className: "picture" });
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `The way of ${title}, seen from above`);
    const draw = (pen, width, height) => {
      const [floorX, floorY] = floor && isPlane ? floorExtent(floor) : [[], []];
      const axes = drawAxes(pen, width, height,
        widened(extentOf([...path.map((p) => p[0]), ...floorX])),
        widened(extentOf([...path.map((p) => p[1]), ...floorY])),
        isPlane ? ["behaviour 0", "behaviour 1"] : ["step", "behaviour 0"],
        { equal: Boolean(floor), down: Boolean(floor) && floor.y_points_down });
      const now = Number(slider.value);
      if (floor && isPlane) drawFloor(pen, floor, axes);
      pen.line(path.map((p) => [axes.x(p[0]), axes.y(p[1])]), "#f3b0b0", 1.5);
      pen.line(path.slice(0, now + 1).map((p) => [axes.x(p[0]), axes.y(p[1])]), "#e01b24", 2);
      pen.disc(axes.x(path[now][0]), axes.y(path[now][1]), 6, "#e01b24", "white");
    };
    const repaint = () => paint(canvas, draw);
    slider.oninput = () => { this.stop(); repaint(); };
    const button = make("button", { type: "button", textContent: "Play the way" });
    button.onclick = () => this.playPath();
    this.playPath = () => {
      this.stop();
      const began = performance.now(), seconds = Math.min(12, Math.max(2, path.length / 60));
      const step = (time) => {
        const share = Math.min(Math.max((time - began) / 1000 / seconds, 0), 1);
        slider.value = Math.round(share * (path.length - 1));
        repaint();
        if (share < 1) this.frame = requestAnimationFrame(step);
      };
      this.frame = requestAnimationFrame(step);
    };
    const exports = make("span", { className: "exports" });
    addExports(exports, `way-${title.replace(/[^\w.]+/g, "-")}`, canvas, draw, () => ({
      head: ["place", ...places[0].map((_, k) => `behaviour ${k}`)],
      rows: places.map((p, i) => [i, ...p]) }));
    this.place.append(canvas, make("div", { className: "controls" }, button, slider, exports));
    repaint();
  }
  stop() {
    cancelAnimationFrame(this.frame);
  }
  play() {
    const video = this.place.querySelector("video");
    if (video) { video.currentTime = 0; video.play(); } else if (this.playPath) this.playPath();
  }
}

const filmA = new FilmSlot("film-a", "left");
const filmB = new FilmSlot("film-b", "right");

// --- Tabs, and following the runs ----------------------------------------------------------------

const views = { curves, points, archive, runs: runsView };
const tabs = [...document.querySelectorAll("[role=tab]")];
const nameOf = (tab) => tab.id.replace("tab-", "");

function openTab(name) {
  for (const tab of tabs) {
    const isChosen = nameOf(tab) === name;
    tab.setAttribute("aria-selected", String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
    $(`view-${nameOf(tab)}`).hidden = !isChosen;
  }
  update(name);
}

// Redraws a view with what is new, and says what went wrong.
async function update(name) {
  if (!runs.length) return;
  try {
    await views[name].update();
  } catch (error) {
    say(error.message, true);
  }
}

function say(text, isError = false) {
  if ($("status").textContent === text) return;
  $("status").textContent = text;
  $("status").className = isError ? "error" : "";
}

const SHORTEST_WAIT = 2000, LONGEST_WAIT = 10000;  // milliseconds between two looks at the runs
let followed = "";

async function follow() {
  const began = performance.now();
  if (!document.hidden) {
    try {
      runs = await ask("api/runs");
      const list = runs.map((_, i) => [String(i), runName(i)]);
      setOptions($("individual-run"), list);
      $("tab-archive").hidden = !runs.some((run) => run.has_archive);
      const state = JSON.stringify(runs.map((run) => [run.name, run.generations]));
      if (state !== followed) {
        followed = state;
        for (const name of Object.keys(views)) if (isShown(name)) await update(name);
        say(runs.map((run, i) => `${runName(i)}: ${number(run.generations)} generations`).join("; "));
      }
    } catch (error) {
      say(error.message === "Failed to fetch" ? "The server has ended." : error.message, true);
    }
  }
  // What takes long is asked for less often.
  const wait = 20 * (performance.now() - began);
  setTimeout(follow, Math.min(Math.max(wait, SHORTEST_WAIT), LONGEST_WAIT));
}

function start() {
  for (const tab of tabs) {
    tab.onclick = () => openTab(nameOf(tab));
    tab.onkeydown = (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      const shown = tabs.filter((each) => !each.hidden);
      const next = shown[(shown.indexOf(tab) + step + shown.length) % shown.length];
      next.focus();
      openTab(nameOf(next));
    };
  }
  for (const id of ["curve-metrics", "curve-against"]) $(id).onchange = () => update("curves");
  for (const id of ["points-run", "points-round", "points-x", "points-y"]) {
    $(id).onchange = () => update("points");
  }
  for (const id of ["points-single", "points-generation"]) $(id).oninput = () => points.paint();
  $("archive-run").onchange = () => update("archive");
  for (const id of ["archive-x", "archive-y"]) $(id).onchange = () => archive.paint();
  $("canvas-archive").onclick = (event) => archive.click(event);
  $("canvas-archive").onkeydown = (event) => archive.key(event);
  $("canvas-points").onclick = (event) => points.click(event);
  $("canvas-points").onkeydown = (event) => points.key(event);
  $("individual-form").onsubmit = (event) => {
    event.preventDefault();
    individual.show(Number($("individual-run").value), $("individual-address").value.trim());
  };
  $("play-both").onclick = () => { filmA.play(); filmB.play(); };
  for (const place of document.querySelectorAll(".exports[data-view]")) {
    const name = place.dataset.view, view = views[name];
    if (view) addExports(place, name, view.draw ? $(`canvas-${name}`) : null,
                         (...where) => view.draw(...where), () => view.table());
  }
  let resized = 0;
  window.onresize = () => {
    clearTimeout(resized);
    resized = setTimeout(() => {
      for (const [name, view] of Object.entries(views)) if (isShown(name) && view.paint) view.paint();
    }, 150);
  };
  openTab("curves");
  follow();
}

start();
