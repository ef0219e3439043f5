const HANGZHOU = '330100';

/** Its own number of a person (30 at most), from which it knows the person again. */
export const psnNoOf = (certno: string): string =>
  `33${BigInt(`0x${Buffer.from(certno).toString('hex')}`).toString(36)}`;

export const certnoOf = (psnNo: string): string => {
  let number = 0n;
  for (const digit of psnNo.slice(2)) number = number * 36n + BigInt(parseInt(digit, 36) || 0);
  return Buffer.from(number.toString(16), 'hex').toString();
};

/** 1101: who is insured. */
export const insured = (certno: string, behaviour: string): object => ({
  baseinfo: {
    psn_no: psnNoOf(certno),
    psn_cert_type: '01',
    certno: behaviour === 'another' ? '110105194912310021' : certno,
  },
  insuinfo: [
    {
      ...{ insutype: '390', psn_type: '15', insuplc_admdvs: HANGZHOU },
      psn_insu_stas: behaviour === 'not-insured' ? '2' : '1',
    },
  ],
});

/** 2001: who is entitled. */
export const entitled = (psnNo: string, behaviour: string): object => ({
  trtinfo: [
    behaviour === 'not-entitled'
      ? {
          ...{ psn_no: psnNo, fund_pay_type: '390100', trt_enjymnt_flag: '0' },
          ...{ begndate: '', enddate: '', trt_chk_rslt: '待遇等待期' },
        }
      : {
          ...{ psn_no: psnNo, fund_pay_type: '390100', trt_enjymnt_flag: '1' },
          ...{ begndate: '2020-01-01', enddate: '2099-12-31', trt_chk_rslt: '' },
        },
  ],
});
