import { runLoanSaga } from '../loan-saga.ts';
import { runSagaProcess } from '../saga-process.ts';

await runSagaProcess('orchestrator', ({ engine }) => engine.runSagas(runLoanSaga));
