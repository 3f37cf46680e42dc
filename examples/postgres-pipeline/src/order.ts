/** What a customer orders. */
export interface Order {
  readonly id: string;
  readonly customer: string;
  /** Whole cents. */
  readonly amount: number;
  readonly parcels: readonly Parcel[];
}

/** What one warehouse sends. */
export interface Parcel {
  readonly id: string;
  readonly warehouse: string;
  readonly kilograms: number;
}

/** An order that arrives, and one that cannot: no carrier takes its second parcel. */
export const orders: readonly Order[] = [
  {
    id: 'order-1',
    customer: 'customer-7',
    amount: 4_990,
    parcels: [
      { id: 'order-1/lamp', warehouse: 'north', kilograms: 2 },
      { id: 'order-1/shade', warehouse: 'south', kilograms: 1 },
    ],
  },
  {
    id: 'order-2',
    customer: 'customer-8',
    amount: 89_900,
    parcels: [
      { id: 'order-2/cushion', warehouse: 'north', kilograms: 1 },
      { id: 'order-2/anvil', warehouse: 'south', kilograms: 120 },
    ],
  },
];
