import {
  FieldColorModeId,
  GraphDrawStyle,
  LegendDisplayMode,
  type Panel,
  StackingMode,
  TooltipDisplayMode,
} from '@grafana/schema';

/** One line, or one set of lines, of a panel. */
export interface PanelQuery {
  /** PromQL. */
  readonly query: string;
  /** In Grafana's words: `{{label}}`. */
  readonly legend: string;
}

/** What a panel shows. */
export interface PanelContent {
  readonly title: string;
  /** One sentence that says how to read it. */
  readonly description: string;
  /** A unit of Grafana's: `s`, `ops`, `percentunit`. */
  readonly unit: string;
  readonly queries: readonly PanelQuery[];
  /** Bars that add up, rather than lines. */
  readonly isStacked?: boolean;
}

/** In units of Grafana's grid, which is 24 wide. */
const [panelWidth, panelHeight, perRow] = [8, 8, 3];

/** A datasource that is chosen on the dashboard. */
export const datasource = { type: 'prometheus', uid: '$datasource' } as const;

/** Panels in rows of three, in the order given. */
export function laidOut(contents: readonly PanelContent[]): Panel[] {
  return contents.map((content, index) => ({
    ...timeSeries(content),
    id: index + 1,
    gridPos: {
      x: (index % perRow) * panelWidth,
      y: Math.floor(index / perRow) * panelHeight,
      w: panelWidth,
      h: panelHeight,
    },
  }));
}

function timeSeries({ title, description, unit, queries, isStacked = false }: PanelContent): Panel {
  return {
    type: 'timeseries',
    title,
    description,
    datasource: { ...datasource },
    targets: queries.map(({ query, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: { ...datasource },
      editorMode: 'code',
      expr: query,
      legendFormat: legend,
      range: true,
    })),
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        color: { mode: FieldColorModeId.PaletteClassic },
        custom: {
          drawStyle: GraphDrawStyle.Line,
          fillOpacity: isStacked ? 30 : 0,
          stacking: { mode: isStacked ? StackingMode.Normal : StackingMode.None },
        },
      },
      overrides: [],
    },
    options: {
      legend: { showLegend: true, displayMode: LegendDisplayMode.List, placement: 'bottom', calcs: [] },
      tooltip: { mode: TooltipDisplayMode.Multi, sort: 'desc' },
    },
  };
}
