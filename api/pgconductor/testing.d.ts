// The public shape of @throughline/pgconductor/testing. Written by `pnpm api:update`, compared by `pnpm check`.

interface TestClock {
    readonly now: Date;
    set(moment: Date): Promise<void>;
    advance(milliseconds: number): Promise<void>;
    restore(): Promise<void>;
}

interface TestClockOptions {
    readonly now?: Date | undefined;
}

interface TestedConductor {
    cancel(executionId: string): Promise<boolean>;
    close(): Promise<void>;
}

function createTestClock(conductor: TestedConductor, options?: TestClockOptions): Promise<TestClock>;
