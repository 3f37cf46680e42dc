import type { Parcel } from '../order.ts';

const MOST_KILOGRAMS = 30;

/** A parcel that nobody can lift. */
export class ParcelTooHeavyError extends Error {
  override name = 'ParcelTooHeavyError';
}

/** A carrier that would rather be asked for many labels at once. */
export class Carrier {
  #printed = 0;

  /** One answer for each parcel, in the same order. */
  async labels(parcels: readonly Parcel[]): Promise<({ readonly tracking: string } | ParcelTooHeavyError)[]> {
    return parcels.map(({ id, kilograms }) => {
      if (kilograms > MOST_KILOGRAMS)
        return new ParcelTooHeavyError(`${id} weighs ${kilograms} kg, and ${MOST_KILOGRAMS} kg are carried`);
      this.#printed += 1;
      return { tracking: `TRACK-${this.#printed}` };
    });
  }
}
