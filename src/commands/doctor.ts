import { defineCommand, flag, value } from './command.ts';

export const doctorCommand = defineCommand({
  name: 'doctor',
  describe: 'tell what works here, and the cure of what does not',
  options: {
    profile: value('the profile whose store, authority and browser are tried', {
      alias: 'p',
      completes: 'profiles',
    }),
    fix: flag(
      'repair file modes, remove what killed processes left behind, lift waits of busy servers',
    ),
    json: flag('print as one JSON document'),
  },
  examples: [
    ['tokencli doctor -p graph', 'exit 0, or the code of the first part that fails'],
    ['tokencli doctor --json > report.json', 'for a bug report: it holds no secret'],
  ],
  load: async () => (await import('../usecases/doctor/doctor.ts')).doctor,
});
