/** What a profile may set, and where its value comes from. */
export interface ParameterRow {
  readonly kind: 'whole' | 'number';
  readonly default: number;
  /** The range, both ends included. */
  readonly min: number;
  readonly max: number;
  /** What the number counts; `share` is a part of 1. */
  readonly unit: string;
  /** One sentence. */
  readonly meaning: string;
  /** V: read in the paper or its data; M: standard literature; S: simulated or fitted here; D: a design choice. */
  readonly evidence: 'V' | 'M' | 'S' | 'D';
  /** The paper, or what a design choice goes by. */
  readonly source: string;
}

export type ParameterTable = Readonly<Record<string, ParameterRow>>;
