import { configureGlobal } from 'fast-check';

// Property tests try the same inputs each time, so that a change is judged by what it changes. FUZZ_SEED has them try others.
configureGlobal({ seed: Number(process.env['FUZZ_SEED'] ?? 20_261_127) });
