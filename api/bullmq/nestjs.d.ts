// The public shape of @throughline/bullmq/nestjs. Written by `pnpm api:update`, compared by `pnpm check`.

class BullModule extends BullModule$1 {
    static forRoot(config: RootOptions): DynamicModule;
    static forRoot(configKey: string, config: RootOptions): DynamicModule;
    static forRootAsync(config: RootAsyncOptions): DynamicModule;
    static forRootAsync(configKey: string, config: RootAsyncOptions): DynamicModule;
    static registerQueue(...options: WithTelemetry<RegisterQueueOptions>[]): DynamicModule;
    static registerQueueAsync(...options: RegisterQueueAsyncOptions[]): DynamicModule;
}

type RootAsyncOptions = Omit<SharedBullAsyncConfiguration, 'useExisting' | 'useClass' | 'useFactory'> & {
    readonly useExisting?: Type<RootOptionsFactory> | undefined;
    readonly useClass?: Type<RootOptionsFactory> | undefined;
    readonly useFactory?: ((...injected: any[]) => RootOptions | Promise<RootOptions>) | undefined;
};

type RootOptions = WithTelemetry<BullRootModuleOptions>;

interface RootOptionsFactory {
    createSharedConfiguration(): RootOptions | Promise<RootOptions>;
}

type TelemetryOption = Partial<Telemetry> | Telemetry$1;

type WithTelemetry<Options> = Omit<Options, 'telemetry'> & {
    readonly telemetry?: TelemetryOption | undefined;
};
