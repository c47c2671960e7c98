// Draws the charts of the analysis page from the data that stands in their elements. The tables say the same.
'use strict';

const colours = {
  ink: '#14202e',
  quiet: '#52606f',
  line: '#dbe2ea',
  strong: '#15497f',
  soft: '#5b83b3',
  band: '#a9c3e2',
  warm: '#b3641b',
  good: '#0b7a60',
  bad: '#a32a2a',
};
const font = getComputedStyle(document.body).fontFamily;
const verdicts = {
  far_below: colours.bad,
  below: colours.warm,
  alike: colours.soft,
  above: '#2f8f7a',
  far_above: colours.good,
};
const locale = document.documentElement.lang === 'uk' ? 'uk-UA' : 'en-GB';
const decimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
const percent = (value) => `${decimal.format(value)} %`;

const common = {
  animation: false,
  textStyle: { fontFamily: font, color: colours.ink },
  // Text tooltips: those of HTML carry inline styles, which the content policy refuses.
  tooltip: {
    renderMode: 'richText',
    confine: true,
    backgroundColor: '#fff',
    borderColor: colours.line,
    textStyle: { color: colours.ink, fontSize: 13, fontFamily: font },
  },
};
const percentAxis = (more) => ({
  type: 'value',
  axisLabel: { formatter: percent, color: colours.quiet, hideOverlap: true },
  splitLine: { lineStyle: { color: '#eef2f6' } },
  ...more,
});

/** Whole tens around the values, so that differences can be seen and the scale stays readable. */
function bounds(values) {
  const known = values.filter((value) => value !== null);
  const low = Math.min(...known);
  const high = Math.max(...known);
  const step = high - low > 30 ? 10 : high - low > 8 ? 5 : 2;
  return {
    min: Math.max(0, Math.floor(low / step) * step),
    max: Math.min(100, Math.ceil(high / step) * step),
  };
}

/** Bars from low to high with a dot at the value: a share and its interval for each name. */
function intervals({ rows, whole }, narrow) {
  const names = rows.map(({ name }) => name);
  const { min, max } = bounds(rows.flatMap(({ low, high }) => [low, high]));
  return {
    ...common,
    grid: { left: 8, right: 24, top: whole === null ? 8 : 26, bottom: 8, containLabel: true },
    tooltip: {
      ...common.tooltip,
      trigger: 'axis',
      axisPointer: { type: 'none' },
      formatter: ([{ dataIndex }]) => {
        const { name, value, low, high } = rows[dataIndex];
        return `${name}\n${percent(value)}   ${percent(low)} – ${percent(high)}`;
      },
    },
    xAxis: percentAxis({ min, max, splitNumber: narrow ? 3 : 6 }),
    yAxis: {
      type: 'category',
      inverse: true,
      data: names,
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: {
        width: narrow ? 104 : 260,
        overflow: 'truncate',
        color: colours.ink,
        fontSize: narrow ? 11 : 13,
      },
    },
    series: [
      {
        type: 'bar',
        stack: 'interval',
        silent: true,
        barWidth: 9,
        itemStyle: { color: 'transparent' },
        data: rows.map(({ low }) => low),
      },
      {
        type: 'bar',
        stack: 'interval',
        barWidth: 9,
        itemStyle: { color: colours.band, borderRadius: 5 },
        data: rows.map(({ low, high }) => high - low),
      },
      {
        type: 'scatter',
        symbolSize: 10,
        itemStyle: { color: colours.strong },
        data: rows.map(({ value, name }) => [value, name]),
        ...(whole !== null && {
          markLine: {
            symbol: 'none',
            silent: true,
            lineStyle: { color: colours.warm, type: 'dashed' },
            label: { formatter: percent(whole), color: colours.warm, position: 'start', distance: 4 },
            data: [
              [
                { coord: [whole, names[0]], y: 22 },
                { coord: [whole, names[names.length - 1]], y: '97%' },
              ],
            ],
          },
        }),
      },
    ],
  };
}

function trend({ weeks, values, low, high, since }, narrow) {
  const { min, max } = bounds([...low, ...high, ...values]);
  const band = high.map((value, place) => (value === null ? null : value - low[place]));
  const hidden = { type: 'line', silent: true, symbol: 'none', stack: 'interval', lineStyle: { opacity: 0 } };
  return {
    ...common,
    grid: { left: 8, right: 16, top: 16, bottom: 8, containLabel: true },
    tooltip: {
      ...common.tooltip,
      trigger: 'axis',
      formatter: ([{ dataIndex: at }]) =>
        values[at] === null
          ? weeks[at]
          : `${weeks[at]}\n${percent(values[at])}   ${percent(low[at])} – ${percent(high[at])}`,
    },
    xAxis: {
      type: 'category',
      data: weeks,
      boundaryGap: false,
      axisLine: { lineStyle: { color: '#9aa9ba' } },
      axisTick: { show: false },
      axisLabel: { color: colours.quiet, hideOverlap: true, formatter: (week) => week.slice(narrow ? 5 : 0) },
    },
    yAxis: percentAxis({ min, max }),
    series: [
      { ...hidden, data: low },
      { ...hidden, data: band, areaStyle: { color: colours.band, opacity: 0.55 } },
      {
        type: 'line',
        data: values,
        symbol: 'circle',
        symbolSize: 7,
        lineStyle: { color: colours.strong, width: 2.5 },
        itemStyle: { color: colours.strong },
        ...(since !== null && {
          markLine: {
            symbol: 'none',
            silent: true,
            lineStyle: { color: colours.bad, type: 'dashed' },
            label: { formatter: since, color: colours.bad },
            data: [{ xAxis: since }],
          },
        }),
      },
    ],
  };
}

function funnel({ points, lines, share, axis }, narrow) {
  const line = (key, side, width) => ({
    type: 'line',
    silent: true,
    smooth: true,
    symbol: 'none',
    lineStyle: { color: colours.quiet, width, type: key === 'p95' ? 'dashed' : 'solid' },
    data: lines.map((one) => [one.n, one[key][side]]),
  });
  const largest = [...points].sort((a, b) => b.n - a.n).slice(0, 4);
  const named = new Set(
    [...points.filter(({ verdict }) => verdict !== 'alike'), ...largest].slice(0, 24).map(({ name }) => name),
  );
  const { min, max } = bounds([
    ...points.map(({ value }) => value),
    ...lines.slice(2).flatMap(({ p998 }) => p998),
  ]);
  return {
    ...common,
    grid: { left: 8, right: narrow ? 16 : 40, top: 16, bottom: 28, containLabel: true },
    tooltip: {
      ...common.tooltip,
      formatter: ({ data, seriesType }) =>
        seriesType === 'scatter' ? `${data.name}\n${percent(data.value[1])}   n = ${data.value[0]}` : '',
    },
    xAxis: {
      type: 'value',
      name: axis,
      nameLocation: 'middle',
      nameGap: 28,
      nameTextStyle: { color: colours.quiet },
      min: Math.max(0, Math.floor(lines[0].n * 0.9)),
      max: Math.ceil(lines[lines.length - 1].n),
      axisLabel: { color: colours.quiet, hideOverlap: true, showMaxLabel: false },
      splitLine: { show: false },
      splitNumber: narrow ? 3 : 6,
    },
    yAxis: percentAxis({ min, max }),
    series: [
      line('p998', 0, 1.5),
      line('p998', 1, 1.5),
      line('p95', 0, 1.2),
      line('p95', 1, 1.2),
      {
        type: 'line',
        silent: true,
        symbol: 'none',
        lineStyle: { color: colours.warm, width: 1.2 },
        data: [
          [lines[0].n, share],
          [lines[lines.length - 1].n, share],
        ],
      },
      {
        type: 'scatter',
        symbolSize: 12,
        labelLayout: { hideOverlap: true },
        data: points.map(({ name, n, value, verdict }) => ({
          name,
          value: [n, value],
          itemStyle: { color: verdicts[verdict], opacity: 0.9 },
          label: {
            show: !narrow && named.has(name),
            formatter: name,
            position: n > 0.6 * lines[lines.length - 1].n ? 'left' : 'right',
            color: colours.ink,
            width: 190,
            overflow: 'truncate',
          },
        })),
      },
    ],
  };
}

const kinds = { intervals, trend, funnel };
for (const place of document.querySelectorAll('[data-chart]')) {
  const data = JSON.parse(place.dataset.chart);
  place.classList.add('drawn-chart');
  if (data.kind === 'intervals') place.style.height = `${48 + 30 * data.rows.length}px`;
  const drawing = globalThis.echarts.init(place, null, { renderer: 'canvas' });
  const draw = () => drawing.setOption(kinds[data.kind](data, place.clientWidth < 560), true);
  draw();
  new ResizeObserver(() => {
    drawing.resize();
    draw();
  }).observe(place);
}
document.body.dataset.drawn = 'yes';
